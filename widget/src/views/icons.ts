import { html } from "lit/html.js";

/** Turns; stands still for those who asked for no motion. */
export const spinner = html`<span class="spinner"></span>`;
