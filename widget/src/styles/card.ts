import { css } from "lit";

/** The card and what every screen has: summary, heading, buttons, languages. */
export const cardStyles = css`
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
    border-radius: var(--_inner-radius);
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
    font: 16px/1.5 var(--_font);
    padding: calc(var(--_space) * 3) calc(var(--_space) * 3) var(--_space);
    color: var(--_ink);
    background: var(--_background);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    box-shadow: var(--somo-pay-shadow, 0 4px 24px rgb(0 0 0 / 0.06));
    overflow-wrap: break-word;
  }
  .summary {
    min-height: 105px;
    padding-bottom: calc(var(--_space) * 2);
    border-bottom: 1px solid var(--_line);
  }
  .summary:empty {
    border-color: transparent;
  }
  .amount {
    font: 700 32px/40px var(--_font);
  }
  .what {
    font-weight: 600;
  }
  .muted {
    color: var(--_muted);
    font-size: 15px;
    line-height: 22px;
  }
  .whole {
    white-space: nowrap;
  }
  .stage {
    display: flex;
    flex-direction: column;
    gap: calc(var(--_space) * 1.5);
    min-height: 452px;
    padding-top: calc(var(--_space) * 2.5);
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
    font: 700 20px/28px var(--_font);
  }
  #title {
    outline: 0;
  }
  .error {
    color: var(--_warm);
    font-weight: 600;
  }
  .actions,
  .languages,
  .button {
    display: flex;
    justify-content: center;
    gap: var(--_space);
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
    padding: var(--_space) 12px;
    line-height: 22px;
  }
  .button,
  .link {
    color: var(--_accent-ink);
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
    background: var(--_accent);
  }
  [aria-disabled]:not(:has(.spinner)) {
    color: var(--_muted);
    background: var(--_soft);
    border-color: var(--_line);
  }
  [part="trigger"] {
    width: auto;
  }
  .away {
    visibility: hidden;
  }
  :focus-visible {
    outline: 3px solid var(--_accent-ink);
    outline-offset: 2px;
  }
  .panel {
    align-self: stretch;
    padding: 12px 16px;
    text-align: start;
  }
  #fact {
    padding: 6px 12px;
    font: 15px/20px var(--_font);
  }
  .languages {
    border-top: 1px solid var(--_line);
    padding-top: 4px;
    margin-top: var(--_space);
  }
  [aria-pressed="true"] {
    color: var(--_ink);
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
      padding-inline: calc(var(--_space) * 2.5);
    }
    .stage {
      min-height: 500px;
    }
    #hint {
      min-height: 48px;
    }
    .primary {
      padding: var(--_space) 4px;
    }
  }
  @media (prefers-reduced-motion) {
    * {
      animation: none !important;
      transition: none !important;
    }
  }
`;
