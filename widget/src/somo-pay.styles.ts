import { css } from "lit";

/** The card and everything that stands in it. */
export const layout = css`
  .card {
    display: flex;
    flex-direction: column;
    padding: 24px 24px 8px;
    color: var(--ink);
    background: var(--background);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--shadow);
    text-align: start;
    overflow-wrap: break-word;
  }
  .summary {
    min-height: 105px;
    padding-bottom: 16px;
    border-bottom: 1px solid var(--line);
  }
  .blank {
    border-color: transparent;
  }
  .whole {
    white-space: nowrap;
  }
  .amount {
    font-size: 32px;
    line-height: 40px;
    font-weight: 700;
    letter-spacing: -0.02em;
    font-variant-numeric: tabular-nums;
  }
  .what {
    font-weight: 600;
  }
  .meta {
    color: var(--muted);
    font-size: 15px;
  }
  .merchant::before {
    content: "· ";
  }

  .stage {
    display: flex;
    flex-direction: column;
    gap: 12px;
    min-height: 428px;
    padding: 20px 0 8px;
  }
  .centred {
    align-items: center;
    text-align: center;
  }
  .calm-middle {
    justify-content: center;
    padding-bottom: 48px;
  }
  .title {
    font-size: 20px;
    line-height: 28px;
    font-weight: 650;
    letter-spacing: -0.01em;
    text-wrap: balance;
  }
  .title:focus {
    outline: none;
  }
  .text {
    max-width: 42ch;
    color: var(--muted);
    text-wrap: pretty;
  }
  .countdown {
    font-weight: 600;
    font-variant-numeric: tabular-nums;
  }

  .fold {
    align-self: start;
  }
  .fold[open] {
    flex-basis: 100%;
    order: 2;
    text-align: start;
  }
  summary {
    list-style: none;
    cursor: pointer;
  }
  summary::-webkit-details-marker {
    display: none;
  }
  summary::after {
    content: "";
    width: 8px;
    height: 8px;
    margin: -4px 2px 0;
    border: solid currentColor;
    border-width: 0 1.75px 1.75px 0;
    transform: rotate(45deg);
  }
  [open] > summary::after {
    margin-top: 4px;
    transform: rotate(225deg);
  }
  ul {
    padding: 8px 16px 8px 36px;
    background: var(--soft);
    border-radius: var(--inner-radius);
  }
  li {
    padding: 4px 0;
  }

  .panel {
    align-self: stretch;
    background: var(--soft);
    border-radius: var(--inner-radius);
    text-align: start;
  }
  .entry {
    display: grid;
    grid-template-columns: 1fr auto;
    column-gap: 8px;
    align-items: center;
    padding: 5px 6px 5px 16px;
  }
  .rows .entry + .entry,
  .entry + .facts {
    border-top: 1px solid var(--line);
  }
  .name {
    font-size: 14px;
    line-height: 20px;
    color: var(--muted);
  }
  .code {
    font-size: 18px;
    line-height: 24px;
    font-weight: 650;
    font-variant-numeric: tabular-nums;
    overflow-wrap: anywhere;
  }
  [part="receipt"] .code {
    font-size: 24px;
    line-height: 32px;
    letter-spacing: 0.04em;
  }
  .copy {
    grid-area: 1 / 2 / 3;
    display: flex;
    align-items: center;
    gap: 6px;
    min-width: 48px;
    min-height: 48px;
    padding: 0 10px;
    font-size: 15px;
    font-weight: 600;
    color: var(--accent-ink);
    background: none;
    border: 0;
    border-radius: var(--inner-radius);
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    align-items: baseline;
    column-gap: 16px;
    padding: 8px 16px;
    font-size: 15px;
    font-variant-numeric: tabular-nums;
  }

  .warning,
  .trouble {
    display: flex;
    gap: 8px;
    font-size: 15px;
    line-height: 22px;
    color: var(--warm);
  }
  .trouble {
    padding: 10px 12px;
    margin-bottom: 8px;
    color: var(--ink);
    background: var(--warm-soft);
    border-radius: var(--inner-radius);
  }
  slot {
    display: block;
    font-size: 15px;
    color: var(--muted);
  }

  .languages {
    display: flex;
    justify-content: center;
    gap: 4px;
    border-top: 1px solid var(--line);
    padding-top: 4px;
    margin-top: 8px;
  }
  .languages button {
    min-height: 44px;
    padding: 0 12px;
    font-size: 14px;
    color: var(--muted);
    background: none;
    border: 0;
    border-radius: var(--inner-radius);
  }
  .languages button:not([aria-pressed="true"]) {
    color: var(--accent-ink);
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  .languages [aria-pressed="true"] {
    font-weight: 600;
    color: var(--ink);
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @container (max-width: 400px) {
    .card {
      padding: 20px 20px 4px;
    }
    .stage {
      min-height: 496px;
    }
    .hint {
      min-height: 44px;
    }
    [part="receipt"] .code {
      font-size: 20px;
      letter-spacing: 0;
    }
    .entry {
      padding: 5px 2px 5px 12px;
    }
    .facts {
      padding: 8px 12px;
    }
    .copy .icon {
      display: none;
    }
  }
  @container (max-width: 310px) {
    .card {
      padding: 16px 16px 4px;
    }
    .stage {
      min-height: 540px;
    }
    .amount {
      font-size: 28px;
    }
    [part="receipt"] .code {
      font-size: 18px;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    ::before,
    ::after {
      animation: none !important;
      transition: none !important;
    }
  }
  @media (forced-colors: active) {
    .button,
    .copy,
    .panel,
    .languages button {
      border: 1px solid ButtonText;
    }
    .primary {
      forced-color-adjust: none;
      color: HighlightText;
      background: Highlight;
    }
    .primary[aria-disabled] {
      color: GrayText;
      background: Canvas;
      border-color: GrayText;
    }
    .arc,
    .lit,
    .prompt {
      stroke: Highlight;
    }
    .good circle {
      fill: Highlight;
    }
    .good {
      color: HighlightText;
      forced-color-adjust: none;
    }
  }
`;
