import { css } from "lit";

/** The dialog of `mode="button"` and `"link"`. */
export const dialogStyles = css`
  dialog {
    width: min(100%, var(--somo-pay-max-width, 440px));
    max-width: none;
    max-height: 100%;
    padding: 0;
    margin: auto;
    border: 0;
    border-radius: var(--_radius);
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
  dialog .languages {
    margin-inline-end: 36px;
  }
  .close {
    position: absolute;
    inset-block-start: 12px;
    inset-inline-end: 8px;
    min-width: 48px;
    color: var(--_muted);
  }
  .close svg {
    width: 24px;
    stroke: currentColor;
    stroke-width: 1.75;
    stroke-linecap: round;
  }
  @media (max-width: 480px) {
    dialog {
      width: 100%;
      height: 100%;
      border-radius: 0;
      background: var(--_background);
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
