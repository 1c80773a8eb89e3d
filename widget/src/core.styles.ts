import { css } from "./css.ts";

/** Designed for its own sake, not inverted: lifted surfaces, softer lines, an accent that is legible as text. */
const dark = css`
  color-scheme: dark;
  --background: var(--somo-pay-background, #171d1a);
  --ink: var(--somo-pay-text, #edf2ef);
  --muted: var(--somo-pay-muted, #a6b3ac);
  --line: var(--somo-pay-line, #2d3731);
  --edge: var(--somo-pay-edge, #728178);
  --soft: var(--somo-pay-surface, #1f2723);
  --warm: var(--somo-pay-warm, #ffb392);
  --accent-ink: color-mix(in oklab, var(--accent) 45%, #d9fff0);
`;

/** Colours, type, and what the first screen needs; the other screens can do with it. */
export const coreStyles = css`
  :host {
    color-scheme: light;
    --background: var(--somo-pay-background, #fff);
    --ink: var(--somo-pay-text, #17211c);
    --muted: var(--somo-pay-muted, #55625b);
    --line: var(--somo-pay-line, #e1e7e3);
    --edge: var(--somo-pay-edge, #818d86);
    --soft: var(--somo-pay-surface, #f4f7f5);
    --warm: var(--somo-pay-warm, #9c4221);
    --accent: var(--somo-pay-accent, #0b7a4b);
    --accent-ink: var(--accent);
    --radius: var(--somo-pay-radius, 12px);
    --inner-radius: max(0px, var(--radius) - 2px);
    --space: var(--somo-pay-space, 8px);
    display: block;
    container-type: inline-size;
    /* A container has no width of its own, and would vanish in a page that asks for one: in a row, or centred. */
    contain-intrinsic-width: min(90vw, 432px);
    min-width: 0;
    max-width: var(--somo-pay-max-width, 432px);
    --font: var(--somo-pay-font, system-ui, sans-serif);
    font: 16px/1.5 var(--font);
  }
  :host([mode="button"]),
  :host([mode="link"]) {
    display: inline-block;
    container-type: normal;
  }
  :host([hidden]) {
    display: none;
  }
  :host([theme="dark"]) {
    ${dark}
  }
  @media (prefers-color-scheme: dark) {
    :host(:not([theme="light"])) {
      ${dark}
    }
  }
  * {
    box-sizing: border-box;
    margin: 0;
  }
  button,
  input,
  select,
  .panel {
    font: inherit;
    color: inherit;
    background: none;
    border: 1px solid transparent;
    border-radius: var(--inner-radius);
  }
  button,
  label {
    cursor: pointer;
    font-weight: 600;
  }
  /* What pages do to their words stays outside. Where they hide something, the card is hidden with it. */
  .card {
    all: initial;
    display: block;
    color-scheme: inherit;
    visibility: inherit;
    pointer-events: inherit;
    -webkit-text-size-adjust: inherit;
    font: 16px/1.5 var(--font);
    padding: calc(var(--space) * 3) calc(var(--space) * 3) var(--space);
    color: var(--ink);
    background: var(--background);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    box-shadow: var(--somo-pay-shadow, 0 4px 24px rgb(0 0 0 / 0.06));
    overflow-wrap: break-word;
  }
  .summary {
    min-height: 105px;
    padding-bottom: calc(var(--space) * 2);
    border-bottom: 1px solid var(--line);
  }
  .summary:empty {
    border-color: transparent;
  }
  .amount {
    font: 700 32px/40px var(--font);
  }
  .what {
    font-weight: 600;
  }
  .muted {
    color: var(--muted);
    font-size: 15px;
    line-height: 22px;
  }
  .whole {
    white-space: nowrap;
  }
  .stage {
    display: flex;
    flex-direction: column;
    gap: calc(var(--space) * 1.5);
    min-height: 452px;
    padding-top: calc(var(--space) * 2.5);
  }
  .centred,
  .button {
    text-align: center;
    align-items: center;
  }
  .art {
    min-height: 100px;
  }
  h2,
  #fact,
  #text,
  #hint,
  .button {
    text-wrap: balance;
  }
  h2 {
    font: 700 20px/28px var(--font);
  }
  #title {
    outline: 0;
  }
  input,
  select {
    width: 100%;
    min-height: 52px;
    padding: 0 16px;
    margin: var(--space) 0;
    font-size: 18px;
    border-color: var(--edge);
  }
  [aria-invalid] {
    border-color: var(--warm);
  }
  [readonly],
  .panel {
    background: var(--soft);
  }
  .error {
    color: var(--warm);
    font-weight: 600;
  }
  .check {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 44px;
    font: 15px/20px var(--font);
  }
  [type="checkbox"] {
    flex: none;
    width: 20px;
    min-height: 20px;
    margin: 0;
    accent-color: var(--accent);
  }
  .actions,
  .languages,
  .button {
    display: flex;
    justify-content: center;
    gap: var(--space);
  }
  .actions,
  .languages {
    flex-wrap: wrap;
  }
  .actions {
    align-self: stretch;
    margin-top: auto;
  }
  .button {
    min-height: 48px;
    padding: var(--space) 12px;
    line-height: 22px;
  }
  .button,
  .link {
    color: var(--accent-ink);
  }
  .link {
    padding: 0 8px;
    text-decoration: underline;
    min-height: 44px;
  }
  .primary {
    width: 100%;
    min-height: 52px;
    color: var(--somo-pay-on-accent, #fff);
    background: var(--accent);
  }
  [aria-disabled]:not(:has(.spinner)) {
    color: var(--muted);
    background: var(--soft);
    border-color: var(--line);
  }
  [part="trigger"] {
    width: auto;
  }
  .away {
    visibility: hidden;
  }
  :focus-visible {
    outline: 3px solid var(--accent-ink);
    outline-offset: 2px;
  }
  .panel {
    align-self: stretch;
    padding: 12px 16px;
    text-align: start;
  }
  #fact {
    padding: 6px 12px;
    font: 15px/20px var(--font);
  }
  .languages {
    border-top: 1px solid var(--line);
    padding-top: 4px;
    margin-top: var(--space);
  }
  [aria-pressed="true"] {
    color: var(--ink);
    text-decoration: none;
  }
  .unseen {
    position: fixed;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  .spinner {
    display: inline-block;
    flex: none;
    vertical-align: middle;
    width: 22px;
    height: 22px;
    border: 2px solid;
    border-radius: 50%;
    /* Forced colours would draw a transparent edge. */
    clip-path: polygon(0 0, 0 100%, 100% 100%, 50% 50%, 100% 0);
    animation: turn 1s linear infinite;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @container (max-width: 400px) {
    .card {
      padding-inline: calc(var(--space) * 2.5);
    }
    .stage {
      min-height: 500px;
    }
    #hint {
      min-height: 48px;
    }
    .primary {
      padding: var(--space) 4px;
    }
  }
  @media (prefers-reduced-motion) {
    * {
      animation: none !important;
      transition: none !important;
    }
  }
`;
