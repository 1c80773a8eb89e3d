import { html, svg, type TemplateResult } from "lit";

/** A code for another device's camera, as a drawing. Fetches what makes it. */
export async function qrOf(text: string, label: string): Promise<TemplateResult> {
  const { encode } = await import("uqr");
  const { data, size } = encode(text, { border: 2 });
  const squares = data.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : [])));
  return html`<svg class="qr" viewBox=${`0 0 ${size} ${size}`} role="img" aria-label=${label}>
    ${svg`<path d=${squares.join("")}></path>`}
  </svg>`;
}
