import { css } from "lit";

/** Fields: the number, the details of a booking, the code from the SMS. */
export const formStyles = css`
  input,
  select {
    width: 100%;
    min-width: 0;
    min-height: 52px;
    padding: 0 14px;
    margin: 4px 0;
    font-size: 18px;
    font-variant-numeric: tabular-nums;
    border-color: var(--_edge);
  }
  [aria-invalid] {
    border-color: var(--_warm);
  }
  [readonly] {
    background: var(--_soft);
  }
  .check {
    display: flex;
    align-items: center;
    gap: 12px;
    min-height: 44px;
    font: 15px/20px var(--_font);
  }
  [type="checkbox"] {
    flex: none;
    width: 20px;
    min-height: 20px;
    margin: 0;
    accent-color: var(--_accent);
  }
  .code-entry {
    display: grid;
    gap: 4px;
  }
  .code-entry > button {
    margin-top: 8px;
  }
  /* A browser that scrolls to the field, because a keyboard has opened, shows the button below it too. */
  #phone,
  #code {
    scroll-margin-bottom: 112px;
  }
  #code {
    letter-spacing: 0.04em;
    text-transform: uppercase;
  }
  .field input,
  .field select {
    font-size: 16px;
  }
  .pair {
    display: flex;
    flex-wrap: wrap;
    gap: 12px var(--_space);
  }
  .pair > .field {
    flex: 1;
  }
  /* Both beside each other on a small phone, unless the reader's letters are large. */
  .pair input {
    padding: 0 0 0 8px;
  }
  ::-webkit-calendar-picker-indicator {
    margin: 0;
  }
  fieldset {
    display: grid;
    gap: 8px;
    min-width: 0;
    padding: 0 0 4px;
    border: 0;
  }
  legend {
    padding: 0;
    font-weight: 600;
  }
  .chips {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(88px, 1fr));
    gap: 8px;
  }
  .chip {
    position: relative;
    display: grid;
    place-items: center;
    min-height: 48px;
    border: 1px solid var(--_edge);
    border-radius: var(--_inner-radius);
    font-variant-numeric: tabular-nums;
  }
  .chip:has(:checked) {
    color: var(--somo-pay-on-accent, #fff);
    background: var(--_accent);
    border-color: var(--_accent);
  }
  .chip:has(:focus-visible) {
    outline: 3px solid var(--_accent-ink);
    outline-offset: 2px;
  }
  .chip:has([data-wrong]) {
    border-color: var(--_warm);
  }
  /* Over the whole chip, so that it is found where it is seen. */
  .chip input {
    position: absolute;
    inset: 0;
    height: 100%;
    margin: 0;
    opacity: 0;
    cursor: pointer;
  }
`;
