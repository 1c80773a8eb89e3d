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

/** Colours, type and corners, and what owners may change of them. */
export const theme = css`
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
`;
