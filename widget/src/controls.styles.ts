import { css } from "lit";

/** The phone field and the buttons. */
export const controls = css`
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
`;
