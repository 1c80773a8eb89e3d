import { css } from "lit";

/** The screens after the button: drawings, receipt, help, paying by hand. */
export const outcomeStyles = css`
  svg {
    flex: none;
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .art {
    display: flex;
    align-items: center;
    gap: 16px;
  }
  .ring {
    width: 88px;
    height: 88px;
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
    width: 40px;
    height: 40px;
    color: var(--_warm);
    stroke-width: 3.5;
  }
  .badge circle {
    stroke: none;
    fill: color-mix(in oklab, currentColor 14%, var(--_background));
  }
  .neutral {
    color: var(--_muted);
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
  .timer {
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }
  summary {
    list-style: none;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  .fold > :not(summary) {
    margin: 0 0 16px;
  }
  ol,
  ul {
    padding-inline-start: 24px;
  }
  .rows {
    padding: 0 14px;
  }
  /* All of it is pressed to copy. */
  .entry {
    display: grid;
    grid-template-columns: 1fr auto;
    align-items: center;
    width: calc(100% + 28px);
    min-height: 56px;
    padding: 8px 14px;
    margin-inline: -14px;
    font-weight: 400;
    text-align: start;
  }
  .entry + .entry {
    border-top: 1px solid var(--_line);
    border-radius: 0;
  }
  .name {
    grid-column: 1;
    color: var(--_muted);
    font-size: 15px;
    line-height: 20px;
  }
  .name ~ * {
    grid-column: 1;
  }
  b {
    font-size: 22px;
    line-height: 28px;
    font-variant-numeric: tabular-nums;
    letter-spacing: 0.02em;
    overflow-wrap: anywhere;
  }
  /* In letters as large as these, also a whole word may have to break. */
  b > .whole {
    white-space: inherit;
  }
  .entry > .copy {
    grid-area: 1 / 2 / span 2;
    padding-inline-start: 12px;
    color: var(--_accent-ink);
    font-weight: 600;
  }
  .waiting {
    display: flex;
    align-items: center;
    gap: 12px;
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
    .scan + .quiet,
    .scan + .fold {
      margin-top: 0;
      border-color: transparent;
    }
  }
  @container (max-width: 310px) {
    b {
      font-size: 16px;
      letter-spacing: 0;
      white-space: nowrap;
    }
    .name {
      grid-column: 1 / 3;
    }
    .rows {
      padding-inline: 10px;
    }
    .entry {
      width: calc(100% + 20px);
      padding-inline: 10px;
      margin-inline: -10px;
    }
    .entry > .copy {
      grid-area: auto;
      padding: 0;
      padding-inline-start: 8px;
    }
    .amount {
      font-size: 22px;
    }
    .languages {
      margin-inline-start: 0;
    }
    /* Long words, of which Kiswahili has many, stay whole. */
    .head {
      gap: 8px;
    }
    h2 {
      font-size: 18px;
      line-height: 24px;
    }
  }
  @media (forced-colors: active) {
    .button,
    .entry,
    .chip,
    .panel {
      border: 1px solid ButtonText;
    }
    /* Inside their edge, which they have only here. */
    .quiet {
      padding-inline: 12px 28px;
    }
    .quiet::after {
      inset-inline-end: 12px;
    }
    .back {
      padding-inline: 28px 12px;
    }
    .back::after {
      inset-inline: 12px auto;
    }
    .chip:has(:checked) {
      forced-color-adjust: none;
      color: HighlightText;
      background: Highlight;
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
