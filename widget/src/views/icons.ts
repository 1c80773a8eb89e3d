/** Drawn for this widget: 24 px, stroke 1.75, always beside words that say the same. */
import { html, svg } from "lit";

const icon = (shape: unknown) => html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${shape}</svg>`;

export const shieldIcon = icon(svg`<path d="M12 3l7 3v5c0 4.6-2.8 8-7 10-4.2-2-7-5.4-7-10V6z"/><path d="M9 12l2.2 2.2L15 10"/>`);
export const alertIcon = icon(svg`<circle cx="12" cy="12" r="9"/><path d="M12 7.5V13M12 16.5v.01"/>`);
export const copyIcon = icon(
  svg`<rect x="9" y="9" width="11" height="11" rx="2.5"/><path d="M15 5.5A1.5 1.5 0 0013.5 4h-8A1.5 1.5 0 004 5.5v8A1.5 1.5 0 005.5 15"/>`,
);
export const checkIcon = icon(svg`<path d="M5 12.5l4.5 4.5L19 7.5"/>`);
export const downloadIcon = icon(svg`<path d="M12 4v11M7.5 11l4.5 4.5L16.5 11M5 20h14"/>`);
export const calendarIcon = icon(svg`<rect x="4" y="5.5" width="16" height="15" rx="2.5"/><path d="M4 10.5h16M8.5 3v4M15.5 3v4"/>`);
/** Turns; stands still, half drawn, for those who asked for no motion. */
export const spinner = html`<svg class="icon spinner" viewBox="0 0 24 24" aria-hidden="true">
  <circle cx="12" cy="12" r="9" pathLength="100" />
</svg>`;

/** A phone in a ring that empties; `share` is what is left, from 0 to 1. Without it the ring turns. */
export const phoneInRing = (share?: number) =>
  html`<svg class="ring" viewBox="0 0 120 120" aria-hidden="true">
    <circle class="track" cx="60" cy="60" r="56" />
    <circle
      class=${share === undefined ? "arc turning" : "arc"}
      cx="60"
      cy="60"
      r="56"
      pathLength="100"
      stroke-dashoffset=${100 - 100 * (share ?? 1)}
    />
    <rect class="device" x="40" y="22" width="40" height="76" rx="8" />
    <path d="M56 29h8" />
    <rect class="prompt" x="32" y="46" width="56" height="31" rx="6" />
    <path class="lit" d="M40 56h22" />
    <path class="pin" d="M42 67h.01M50 67h.01M58 67h.01M66 67h.01" />
  </svg>`;

export const tick = html`<svg class="badge good" viewBox="0 0 56 56" aria-hidden="true">
  <circle cx="28" cy="28" r="28" />
  <path class="draws" d="M17 29l8 8 15-17" pathLength="1" />
</svg>`;

export const attention = html`<svg class="badge warm" viewBox="0 0 56 56" aria-hidden="true">
  <circle cx="28" cy="28" r="28" />
  <path d="M28 16v15M28 39.5v.01" />
</svg>`;
