/** Drawn for this widget: 24 px, stroke 1.75, always beside words that say the same. */
import { html } from "lit";

/** Draws itself once. */
export const tick = html`<svg class="badge good" viewBox="0 0 56 56" aria-hidden="true">
  <circle cx="28" cy="28" r="28" />
  <path pathLength="1" d="M17 29l8 8 15-17" />
</svg>`;
export const exclamation = html`<svg class="badge" viewBox="0 0 56 56" aria-hidden="true">
  <circle cx="28" cy="28" r="28" />
  <path d="M28 16v15M28 39.5v.01" />
</svg>`;
/** Money that went back. */
export const returned = html`<svg class="badge neutral" viewBox="0 0 56 56" aria-hidden="true">
  <circle cx="28" cy="28" r="28" />
  <path d="M24 17l-8 8 8 8M16 25h17a7 7 0 0 1 0 14h-6" />
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
      pathLength="1"
      stroke-dashoffset=${1 - (share ?? 1)}
    />
    <rect class="device" x="40" y="22" width="40" height="76" rx="8" />
    <path d="M56 29h8" />
    <rect class="prompt" x="32" y="46" width="56" height="31" rx="6" />
    <path class="prompt" d="M40 56h22" />
    <path class="prompt pin" d="M42 67h.01M50 67h.01M58 67h.01M66 67h.01" />
  </svg>`;

/** Turns; stands still for those who asked for no motion. */
export const spinner = html`<span class="spinner"></span>`;

export const cross = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 6l12 12M18 6L6 18" /></svg>`;
