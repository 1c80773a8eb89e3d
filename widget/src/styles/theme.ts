import { css } from "lit";

/** Colours, type and distances. A page's `* { --ink: … }` reaches the element too, so our own properties have an underscore. */
export const themeStyles = css`
  :host {
    color-scheme: light;
    --_background: var(--somo-pay-background, #fff);
    --_ink: var(--somo-pay-text, #17211c);
    --_muted: var(--somo-pay-muted, #55625b);
    --_line: var(--somo-pay-line, #e1e7e3);
    --_edge: var(--somo-pay-edge, #818d86);
    --_soft: var(--somo-pay-surface, #f4f7f5);
    --_warm: var(--somo-pay-warm, #9c4221);
    --_accent: var(--somo-pay-accent, #0b7a4b);
    --_accent-ink: var(--_accent);
    --_shadow: 0 4px 24px rgb(0 0 0 / 0.06);
    --_radius: var(--somo-pay-radius, 12px);
    --_inner-radius: max(0px, var(--_radius) - 2px);
    --_space: var(--somo-pay-space, 8px);
    display: block;
    container-type: inline-size;
    /* A container has no width of its own, and would vanish in a page that asks for one: in a row, or centred. */
    contain-intrinsic-width: min(90vw, 440px);
    min-width: 0;
    max-width: var(--somo-pay-max-width, 440px);
    --_font: var(--somo-pay-font, system-ui, sans-serif);
    font: 16px/1.5 var(--_font);
  }
  :host([mode="button"]),
  :host([mode="link"]) {
    display: inline-block;
    container-type: normal;
  }
  :host([hidden]) {
    display: none;
  }
  /* Dark is designed for its own sake, not inverted: lifted surfaces, softer lines, an accent that is legible as text. It stands here twice,
     because the reader and the page both choose it, and Lit would put a shared block in by Array.prototype.reduce, which old libraries replace. */
  :host([theme="dark"]) {
    color-scheme: dark;
    --_background: var(--somo-pay-background, #171d1a);
    --_ink: var(--somo-pay-text, #edf2ef);
    --_muted: var(--somo-pay-muted, #a6b3ac);
    --_line: var(--somo-pay-line, #3a463f);
    --_edge: var(--somo-pay-edge, #728178);
    --_soft: var(--somo-pay-surface, #26302b);
    --_warm: var(--somo-pay-warm, #ffb392);
    --_shadow: none;
    --_accent-ink: color-mix(in oklab, var(--_accent) 45%, #d9fff0);
  }
  @media (prefers-color-scheme: dark) {
    :host(:not([theme="light"])) {
      color-scheme: dark;
      --_background: var(--somo-pay-background, #171d1a);
      --_ink: var(--somo-pay-text, #edf2ef);
      --_muted: var(--somo-pay-muted, #a6b3ac);
      --_line: var(--somo-pay-line, #3a463f);
      --_edge: var(--somo-pay-edge, #728178);
      --_soft: var(--somo-pay-surface, #26302b);
      --_warm: var(--somo-pay-warm, #ffb392);
      --_shadow: none;
      --_accent-ink: color-mix(in oklab, var(--_accent) 45%, #d9fff0);
    }
  }
`;
