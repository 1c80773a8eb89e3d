import { markup, type Markup } from "../markup.ts";

/** The school's logo: a leaf that is also an open book. */
export const sign: Markup = markup`<svg class="sign" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
  <rect width="32" height="32" rx="9" class="sign-ground" />
  <path
    class="sign-line"
    d="M16 25V12M16 12c-2.6-2.4-6-2.6-8.5-2v11.6c2.9-.7 6.2-.2 8.5 2 2.3-2.2 5.6-2.7 8.500-2V10c-2.500-.6-5.900-.4-8.500 2Z"
  />
  <path class="sign-line" d="M16 9.500c0-2 1.300-3.500 3.500-4-.2 2.300-1.300 3.600-3.500 4Z" />
</svg>`;

/** A desk by a window, in the afternoon: hills, an acacia, books, a pencil pot. */
export const hero: Markup = markup`<svg class="scene" viewBox="0 0 520 400" aria-hidden="true">
  <rect class="scene-wall" width="520" height="400" rx="28" />
  <clipPath id="window"><rect x="60" y="44" width="400" height="214" rx="18" /></clipPath>
  <g clip-path="url(#window)">
    <rect class="scene-sky" x="60" y="44" width="400" height="214" />
    <circle class="scene-sun" cx="352" cy="122" r="36" />
    <path class="scene-hill-far" d="M40 206c60-52 118-58 176-22 52-44 120-52 190-6l80 40v60H40Z" />
    <path class="scene-hill" d="M40 226c70-34 150-32 214-4 74-30 150-28 226 4v60H40Z" />
    <path class="scene-trunk" d="M146 236c2-24 1-40 0-52M146 204l-20-22M146 198l22-20" />
    <path class="scene-tree" d="M84 176c8-24 40-34 66-31 26-8 58 6 62 29-22 7-44 7-62 5-24 4-48 3-66-3Z" />
  </g>
  <rect class="scene-frame" x="60" y="44" width="400" height="214" rx="18" />
  <path class="scene-frame" d="M260 44v214" />
  <path class="scene-desk" d="M24 318h472v18a10 10 0 0 1-10 10H34a10 10 0 0 1-10-10Z" />
  <path class="scene-leg" d="M62 346v54M458 346v54" />
  <g>
    <rect class="book-clay" x="76" y="296" width="124" height="22" rx="5" />
    <rect class="book-green" x="88" y="274" width="104" height="22" rx="5" />
    <rect class="book-sun" x="80" y="252" width="112" height="22" rx="5" />
    <path class="book-line" d="M94 307h30M106 285h22M98 263h34" />
  </g>
  <g>
    <path class="page" d="M230 312c22-14 46-14 62 0 16-14 40-14 62 0V262c-22-13-46-13-62 1-16-14-40-14-62-1Z" />
    <path class="page-line" d="M292 263v48M244 276c12-5 24-5 36 0M244 289c12-5 24-5 36 0M304 276c12-5 24-5 36 0M304 289c12-5 24-5 36 0" />
  </g>
  <g>
    <path class="pencil-green" d="M404 278l-8-46 8-7 6 8 4 45Z" />
    <path class="pencil-sun" d="M424 278l3-52 7-7 6 8-4 51Z" />
    <path class="pot" d="M390 270h62l-6 48h-50Z" />
    <path class="pot-line" d="M393 286h56" />
  </g>
</svg>`;

const line = (paths: string): Markup =>
  markup`<svg class="subject" viewBox="0 0 32 32" width="32" height="32" aria-hidden="true"><path d="${paths}" /></svg>`;

const subjects: Record<string, Markup> = {
  "maths-1h": line("M6 10h8M10 6v8M18 10h8M7 19l6 6M13 19l-6 6M18 20h8M18 25h8"),
  "reading-30m": line("M16 9c-3-2.500-7-3-10-2v17c3-1 7-.5 10 2 3-2.500 7-3 10-2V7c-3-1-7-.5-10 2ZM16 9v17"),
  "kiswahili-1h": line(
    "M5 8h15a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-8l-5 4v-4H5a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2ZM22 14h5a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2h-1v4l-5-4h-4",
  ),
  "science-1h": line("M13 4h6M14 4v8L6 25a2 2 0 0 0 2 3h16a2 2 0 0 0 2-3l-8-13V4M10 20h12M15 24h.1"),
  "exam-90m": line("M8 4h12l5 5v19H8ZM20 4v5h5M12 14l1.500 1.500L16 13M19 14h3M12 21l1.500 1.500L16 20M19 21h3"),
  "first-20m": line("M16 28V15M16 19c-6 0-9-3-9-9 6 0 9 3 9 9ZM16 15c0-5 2.500-8 8-8 0 5-2.500 8-8 8"),
};

/** A small drawing for a lesson. */
export function subject(code: string): Markup | undefined {
  return subjects[code];
}

export const tick: Markup = markup`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
  <path d="M4 10.500l4 4 8-9" />
</svg>`;
export const clock: Markup = markup`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
  <circle cx="10" cy="10" r="7" />
  <path d="M10 6v4l3 2" />
</svg>`;
