import { css } from "lit";

/** The card and what every screen has: summary, languages, heading, buttons. */
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
  summary,
  label {
    cursor: pointer;
    font-weight: 600;
  }
  /* What pages do to their words stays outside. Where they hide something, the card is hidden with it. */
  .card {
    all: initial;
    display: block;
    box-sizing: border-box;
    color-scheme: inherit;
    visibility: inherit;
    pointer-events: inherit;
    -webkit-text-size-adjust: inherit;
    font: 16px/24px var(--_font);
    padding: calc(var(--_space) * 3);
    color: var(--_ink);
    background: var(--_background);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    box-shadow: var(--somo-pay-shadow, var(--_shadow));
    overflow-wrap: break-word;
    text-wrap: pretty;
  }
  .top {
    padding-bottom: calc(var(--_space) * 2);
    border-bottom: 1px solid var(--_line);
  }
  .top::after {
    content: "";
    display: block;
    clear: both;
  }
  .amount {
    font: 700 32px/40px var(--_font);
  }
  .what,
  .money,
  .error,
  a {
    font-weight: 600;
  }
  .languages {
    float: right;
    float: inline-end;
    margin: -6px -12px 0 8px;
  }
  .link {
    min-width: 44px;
    min-height: 44px;
    padding: 0 8px;
    color: var(--_accent-ink);
    font-size: 14px;
    text-decoration: underline;
    text-underline-offset: 3px;
  }
  [aria-pressed="true"] {
    color: var(--_ink);
    text-decoration: none;
  }
  .muted,
  .error {
    font-size: 15px;
    line-height: 22px;
  }
  .muted {
    color: var(--_muted);
  }
  .error {
    color: var(--_warm);
  }
  .whole {
    white-space: nowrap;
  }
  .stage {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
    padding-top: calc(var(--_space) * 2.5);
  }
  .head {
    display: flex;
    align-items: center;
    gap: 12px;
  }
  .head,
  .stage {
    scroll-margin: 16px;
  }
  h2 {
    min-width: 0;
    font: 700 20px/28px var(--_font);
    overflow-wrap: anywhere;
    text-wrap: balance;
    outline: 0;
  }
  .warning,
  .panel {
    padding: 10px 14px;
    background: var(--_soft);
  }
  .warning {
    border-inline-start: 4px solid var(--_warm);
    border-radius: 4px;
  }
  strong {
    font-size: 18px;
    white-space: nowrap;
  }
  #fact {
    font: 15px/20px var(--_font);
    text-wrap: balance;
  }
  .actions {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 12px;
    margin-top: 12px;
  }
  .actions:empty {
    display: none;
  }
  .button {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: var(--_space);
    min-height: 48px;
    padding: var(--_space) 12px;
    border: 1px solid transparent;
    border-radius: var(--_inner-radius);
    color: var(--_accent-ink);
    line-height: 22px;
    text-align: center;
    text-decoration: none;
    text-wrap: balance;
  }
  .primary {
    min-height: 52px;
    color: var(--somo-pay-on-accent, #fff);
    background: var(--_accent);
  }
  .framed {
    border-color: var(--_edge);
  }
  /* A row to press: its words, and which way it leads. */
  .quiet {
    position: relative;
    justify-content: start;
    padding-inline: 0 24px;
    border: 0;
    text-align: start;
  }
  .quiet + .quiet,
  .fold + .quiet,
  .quiet + .fold,
  .fold + .fold {
    margin-top: -12px;
    border-top: 1px solid var(--_line);
    border-radius: 0;
  }
  .quiet::after {
    content: "";
    position: absolute;
    inset-inline-end: 2px;
    width: 8px;
    height: 8px;
    border: solid;
    border-width: 2px 2px 0 0;
    transform: rotate(45deg);
  }
  summary.quiet::after {
    transform: translateY(-3px) rotate(135deg);
  }
  [open] > summary.quiet::after {
    transform: translateY(3px) rotate(-45deg);
  }
  .back {
    padding-inline: 20px 0;
  }
  .back::after {
    inset-inline: 2px auto;
    transform: rotate(-135deg);
  }
  .quiet:hover,
  .link:hover {
    text-decoration: underline;
  }
  .framed:hover,
  .entry:hover {
    background: var(--_soft);
  }
  [aria-disabled]:not(:has(.spinner)) {
    color: var(--_muted);
    background: var(--_soft);
    border-color: var(--_line);
  }
  .away {
    visibility: hidden;
  }
  :focus-visible {
    outline: 3px solid var(--_accent-ink);
    outline-offset: 2px;
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
  .skeleton {
    display: grid;
    gap: 8px;
  }
  .skeleton > span {
    height: 24px;
    background: var(--_soft);
    border-radius: var(--_inner-radius);
  }
  .summary > span:first-child {
    width: 50%;
  }
  .skeleton > .high {
    height: 52px;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @container (max-width: 400px) {
    .card {
      padding: calc(var(--_space) * 2.5);
    }
    .primary {
      padding-inline: 4px;
    }
  }
  @media (prefers-reduced-motion) {
    * {
      animation: none !important;
      transition: none !important;
    }
  }
`;
