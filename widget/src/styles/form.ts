import { css } from "lit";

/** Fields: the number, the details of a booking, the code from the SMS. */
export const formStyles = css`
  input,
  select {
    width: 100%;
    min-height: 52px;
    padding: 0 16px;
    margin: var(--_space) 0;
    font-size: 18px;
    border-color: var(--_edge);
  }
  [aria-invalid] {
    border-color: var(--_warm);
  }
  [readonly],
  .panel {
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
  .code-entry,
  .send-code {
    align-self: stretch;
    flex-basis: 100%;
  }
  .code-entry {
    text-align: start;
  }
  .code-entry:last-child {
    padding-bottom: 12px;
  }
  /* Two lines: the answer may be longer than the question. */
  #code-hint {
    min-height: 44px;
  }
  #code-hint,
  .send-code {
    text-wrap: balance;
  }
  .pair {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    flex-basis: 100%;
  }
  .pair input {
    flex: auto;
    width: auto;
    min-width: 0;
    padding: 0 12px;
    margin: 4px 0;
  }
  .code-entry .framed {
    flex: 0 1 auto;
    margin: 4px 0;
    padding-inline: 20px;
  }
  #code {
    letter-spacing: 0.04em;
    text-transform: uppercase;
  }
  .pair > .field {
    display: grid;
    flex: 1;
    align-content: start;
  }
  .pair > .field input {
    width: auto;
    padding: 0 0 0 8px;
  }
  /* Both beside each other on a small phone, unless the reader's letters are large. */
  ::-webkit-calendar-picker-indicator {
    margin: 0;
  }
  .field .error {
    padding-top: 4px;
  }
  .pair {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
  }
  .field input,
  .field select {
    min-height: 48px;
    margin: 4px 0 0;
    font-size: 16px;
  }
  .field .error {
    margin-top: 4px;
  }
`;
