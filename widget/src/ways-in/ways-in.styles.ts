import { css } from "../css.ts";

export const waysInStyles = css`
  dialog {
    width: min(100%, var(--somo-pay-max-width, 432px));
    max-width: none;
    max-height: 100%;
    padding: 0;
    margin: auto;
    border: 0;
    border-radius: var(--radius);
    color: inherit;
    background: none;
    container-type: inline-size;
    overscroll-behavior: contain;
    /* Room for the ring around what has the focus. */
    scroll-padding: 8px;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 0.5);
  }
  .close {
    position: absolute;
    inset-block-start: 8px;
    inset-inline-end: 8px;
    min-width: 48px;
    color: var(--muted);
  }
  .close svg {
    width: 24px;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
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
  @media (max-width: 480px) {
    dialog {
      width: 100%;
      height: 100%;
      border-radius: 0;
      background: var(--background);
    }
    dialog > .card {
      box-sizing: border-box;
      min-height: 100%;
      border: 0;
      border-radius: 0;
      box-shadow: none;
    }
  }
`;
