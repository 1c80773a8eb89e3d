import { css } from "lit";

/** The screens after the button: drawings, receipt, help, paying by hand. */
export const outcomeStyles = css`
  svg {
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .ring {
    width: 100px;
    height: 100px;
    color: var(--_muted);
  }
  .track,
  .arc {
    stroke: var(--_line);
    stroke-width: 4;
  }
  .arc {
    stroke: var(--_accent-ink);
    stroke-dasharray: 1;
    transform: rotate(-90deg);
    transform-origin: center;
    transition: stroke-dashoffset 1s linear;
  }
  .turning {
    stroke-dasharray: 0.2 0.8;
    animation: turn 1.4s linear infinite;
  }
  .device {
    fill: var(--_soft);
  }
  .prompt {
    fill: var(--_background);
    stroke: var(--_accent-ink);
  }
  .pin {
    stroke-width: 4.5;
  }
  .badge {
    width: 64px;
    height: 64px;
    margin-top: 16px;
    color: var(--_warm);
    stroke-width: 3.25;
  }
  .badge circle {
    stroke: none;
    fill: color-mix(in oklab, var(--_warm) 14%, var(--_background));
  }
  /* Room for what such screens have more than others. */
  .stage:has(.code-entry, .what ~ .share) .art {
    min-height: 0;
    margin-top: -14px;
  }
  .stage:has(#fact):has(.code-entry) .art {
    display: none;
  }
  .good {
    color: var(--somo-pay-on-accent, #fff);
  }
  .good circle {
    fill: var(--_accent);
  }
  .good path {
    stroke-dasharray: 1;
    animation: draw 0.2s ease-out;
  }
  @keyframes draw {
    from {
      stroke-dashoffset: 1;
    }
  }
  .button.quiet:hover,
  .button.framed:hover,
  .copy:hover {
    background: var(--_soft);
  }
  .timer {
    margin-top: 8px;
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  .rows {
    padding: 0 4px 0 16px;
  }
  .entry,
  .receipt {
    display: grid;
    grid-template-columns: 1fr auto;
    align-items: center;
    padding: 4px 0;
  }
  .entry + .entry {
    border-top: 1px solid var(--_line);
  }
  .receipt {
    align-self: stretch;
    padding: 10px 4px 10px 16px;
    color: var(--_muted);
    background: var(--_soft);
    border-radius: var(--_inner-radius);
    text-align: start;
    font-size: 15px;
  }
  b {
    display: block;
    color: var(--_ink);
    font-size: 22px;
    letter-spacing: 0.03em;
  }
  b,
  #title {
    overflow-wrap: anywhere;
  }
  .copy {
    grid-area: 1 / 2 / span 2;
    font-size: 15px;
  }
  .fold {
    flex-basis: 100%;
  }
  summary {
    list-style: none;
    cursor: pointer;
    font-weight: 600;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  ul {
    padding: 8px 16px 8px 36px;
    background: var(--_soft);
    border-radius: var(--_inner-radius);
    text-align: start;
  }
  .share {
    flex-basis: 100%;
    margin-top: -8px;
  }
  .actions > .what {
    padding-bottom: 8px;
    text-align: center;
    text-wrap: balance;
  }
  .waiting {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    column-gap: 12px;
  }
  .waiting > p {
    flex: 1 1 180px;
  }
  .scan[open],
  .code-fold[open] {
    flex-basis: 100%;
  }
  .scan summary {
    padding: 10px 0;
    color: var(--_accent-ink);
  }
  .scan img {
    display: block;
    padding: 8px;
    background: #fff;
    border-radius: var(--_inner-radius);
  }
  /* Nobody scans the screen of the telephone in their hand. */
  @container (max-width: 400px) {
    .scan {
      display: none;
    }
  }
  a {
    border: 1px solid transparent;
    border-radius: var(--_inner-radius);
    font-weight: 600;
    text-decoration: none;
  }
  .framed {
    flex: 1 1 110px;
    padding-inline: 8px;
    font-size: 15px;
    border-color: var(--_edge);
  }
  .paid-at {
    flex-basis: 100%;
    padding-bottom: 4px;
  }
  @container (max-width: 310px) {
    b {
      font-size: 17px;
      letter-spacing: 0;
    }
  }
  @media (forced-colors: active) {
    .button,
    .receipt {
      border: 1px solid ButtonText;
      border-radius: var(--_inner-radius);
    }
    [aria-disabled]:not(:has(.spinner)) {
      color: GrayText;
      border-color: GrayText;
    }
    /* Browsers leave the colours of drawings as they are. */
    .ring {
      color: CanvasText;
    }
    .track {
      stroke: none;
    }
    .arc,
    .prompt {
      stroke: Highlight;
    }
    .device,
    .prompt {
      fill: Canvas;
    }
    .badge circle {
      fill: Highlight;
    }
    .badge {
      color: HighlightText;
      forced-color-adjust: none;
    }
  }
`;
