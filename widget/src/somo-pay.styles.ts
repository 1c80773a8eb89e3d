import { css } from "lit";

/** Designed for its own sake, not inverted: lifted surfaces, softer lines, an accent that is legible as text. */
const dark = css`
  color-scheme: dark;
  --background: var(--somo-pay-background, #171d1a);
  --ink: var(--somo-pay-text, #edf2ef);
  --muted: #a6b3ac;
  --line: #2d3731;
  --edge: #728178;
  --soft: #1f2723;
  /* An owner's accent, lightened until it is legible on the dark card. */
  --accent-ink: color-mix(in oklab, var(--accent) 45%, #d9fff0);
  --warm: #ffb392;
  --warm-soft: #3a251b;
  --shadow: var(--somo-pay-shadow, 0 1px 2px rgb(0 0 0 / 0.5));
`;
export const styles = css`
  :host {
    color-scheme: light;
    display: block;
    container-type: inline-size;
    max-width: var(--somo-pay-max-width, 27rem);
    --accent: var(--somo-pay-accent, #0b7a4b);
    --on-accent: var(--somo-pay-on-accent, #fff);
    --radius: var(--somo-pay-radius, 12px);
    --inner-radius: max(0px, var(--radius) - 2px);
    --background: var(--somo-pay-background, #fff);
    --ink: var(--somo-pay-text, #17211c);
    --muted: #55625b;
    --line: #e1e7e3;
    --edge: #818d86;
    --soft: #f4f7f5;
    --accent-ink: var(--accent);
    --accent-soft: color-mix(in oklab, var(--accent) 10%, var(--background));
    --warm: #9c4221;
    --warm-soft: #fcefe8;
    --shadow: var(--somo-pay-shadow, 0 6px 24px rgb(16 40 28 / 0.08));
    font-family: var(--somo-pay-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
    font-size: 16px;
    line-height: 1.5;
  }
  :host([theme="dark"]) {
    ${dark}
  }
  @media (prefers-color-scheme: dark) {
    :host(:not([theme="light"])) {
      ${dark}
    }
  }
  :host([hidden]) {
    display: none;
  }
  *,
  ::before,
  ::after {
    box-sizing: border-box;
  }
  p,
  h2,
  ul {
    margin: 0;
    padding: 0;
  }
  button,
  input {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  button {
    cursor: pointer;
    touch-action: manipulation;
  }

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

  .field {
    display: flex;
    flex-direction: column;
  }
  label {
    margin-bottom: 8px;
    font-weight: 600;
  }
  .hint {
    display: flex;
    gap: 6px;
    min-height: 22px;
    margin-top: 8px;
    font-size: 15px;
    line-height: 22px;
    color: var(--muted);
  }
  .error {
    color: var(--warm);
    font-weight: 600;
  }
  input {
    width: 100%;
    min-height: 52px;
    padding: 0 16px;
    font-size: 18px;
    font-variant-numeric: tabular-nums;
    background: var(--background);
    border: 1px solid var(--edge);
    border-radius: var(--inner-radius);
    appearance: none;
  }
  input[aria-invalid] {
    border-color: var(--warm);
    box-shadow: inset 0 0 0 1px var(--warm);
  }
  input:read-only {
    color: var(--muted);
    background: var(--soft);
  }
  .note {
    display: flex;
    gap: 8px;
    font-size: 15px;
    line-height: 22px;
    color: var(--muted);
  }

  .actions {
    display: flex;
    flex-direction: column;
    gap: 4px;
    align-self: stretch;
    margin-top: auto;
    padding-top: 8px;
  }
  .row {
    display: flex;
    flex-flow: row wrap;
    justify-content: center;
    min-height: 48px;
    column-gap: 8px;
  }
  .button {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    width: 100%;
    min-height: 52px;
    padding: 8px 16px;
    font-weight: 600;
    line-height: 22px;
    text-align: center;
    text-wrap: balance;
    border: 1px solid transparent;
    border-radius: var(--inner-radius);
    background: none;
    transition: background-color 0.12s;
  }
  .primary {
    color: var(--on-accent);
    background: var(--accent);
  }
  .primary[aria-disabled] {
    cursor: default;
  }
  .primary[aria-disabled]:not(:has(.spinner)) {
    color: var(--muted);
    background: var(--soft);
    border-color: var(--line);
  }
  .quiet {
    width: auto;
    min-height: 48px;
    padding: 8px 12px;
    margin-inline: auto;
    color: var(--accent-ink);
  }
  .row .quiet {
    margin-inline: 0;
  }
  .plain {
    flex: 1 1 150px;
    min-height: 48px;
    font-size: 15px;
    border-color: var(--edge);
    padding: 8px 12px;
  }
  .pair {
    flex-flow: row wrap;
    gap: 8px;
  }
  .away {
    visibility: hidden;
  }
  @media (hover: hover) {
    .primary:not([aria-disabled]):hover {
      background: color-mix(in oklab, var(--accent) 88%, #000);
    }
    .quiet:hover,
    .plain:hover,
    .copy:hover {
      background: var(--accent-soft);
    }
  }
  :focus-visible {
    outline: 3px solid var(--accent-ink);
    outline-offset: 2px;
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

  .icon {
    flex: none;
    width: 22px;
    height: 22px;
  }
  svg {
    fill: none;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .ring {
    flex: none;
    width: 100px;
    height: 100px;
    color: var(--muted);
  }
  .track {
    stroke: var(--line);
    stroke-width: 4;
  }
  .arc {
    stroke: var(--accent-ink);
    stroke-width: 4;
    stroke-dasharray: 100;
    transform: rotate(-90deg);
    transform-box: fill-box;
    transform-origin: center;
    transition: stroke-dashoffset 1s linear;
  }
  .turning {
    stroke-dasharray: 22 78;
    animation: turn 1.4s linear infinite;
  }
  .device {
    fill: var(--soft);
  }
  .prompt {
    fill: var(--background);
    stroke: var(--accent-ink);
  }
  .lit {
    stroke: var(--accent-ink);
  }
  .pin {
    stroke-width: 4.5;
  }
  .spinner {
    stroke-dasharray: 70 30;
    transform-origin: center;
    animation: turn 0.9s linear infinite;
  }
  .badge {
    flex: none;
    width: 56px;
    height: 56px;
    stroke-width: 3.25;
  }
  .badge circle {
    stroke: none;
  }
  .good {
    color: var(--on-accent);
  }
  .good circle {
    fill: var(--accent);
  }
  .warm {
    color: var(--warm);
  }
  .warm circle {
    fill: var(--warm-soft);
  }
  .draws {
    stroke-dasharray: 1;
    animation: draw 0.2s ease-out 0.05s backwards;
  }
  @keyframes draw {
    from {
      stroke-dashoffset: 1;
    }
  }
  @keyframes turn {
    from {
      transform: rotate(0);
    }
    to {
      transform: rotate(1turn);
    }
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
      min-height: 472px;
    }
    .hint {
      min-height: 44px;
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
      letter-spacing: 0;
    }
    .copy .icon {
      display: none;
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
