import { html, LitElement, type PropertyDeclarations, type TemplateResult } from "lit";
import type uPlot from "uplot";
import type { Format } from "../format.ts";

const HEIGHT_PX = 168;
const AXIS_FONT_PX = 14;
/** Room above the tallest bar. */
const HEADROOM = 1.1;

/** What one number of each day is. `null`: there is none on that day. */
export type DaySeries = {
  kind: "bars" | "line";
  dates: readonly string[];
  values: readonly (number | null)[];
  say: (value: number) => string;
  highest?: number;
};

/** A number of each day, as bars if they add up and as a line if not. It is a picture: the table behind it has the same numbers in words. */
class DayChart extends LitElement {
  static override readonly properties: PropertyDeclarations = { format: { attribute: false }, series: { attribute: false } };
  declare format: Format;
  declare series: DaySeries;
  #plot: uPlot | null = null;
  readonly #sizes = new ResizeObserver(() => this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT_PX }));
  readonly #dark = matchMedia("(prefers-color-scheme: dark)");

  override connectedCallback(): void {
    super.connectedCallback();
    this.#dark.addEventListener("change", this.#redraw);
    this.#sizes.observe(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#dark.removeEventListener("change", this.#redraw);
    this.#sizes.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): TemplateResult {
    return html`<div class="plot" aria-hidden="true"></div>`;
  }

  protected override updated(): void {
    this.#redraw();
  }

  readonly #redraw = (): void => {
    void this.#draw();
  };

  /** The library is fetched only where there is something to draw. */
  async #draw(): Promise<void> {
    const [{ default: Plot }] = await Promise.all([import("uplot"), import("uplot/dist/uPlot.min.css")]);
    const place = this.querySelector<HTMLElement>(".plot");
    if (!place || !this.isConnected) return;
    this.#plot?.destroy();
    const { dates, values } = this.series;
    this.#plot = new Plot(this.#options(Plot), [dates.map((_date, index) => index), [...values]], place);
  }

  #options(Plot: typeof uPlot): uPlot.Options {
    const style = getComputedStyle(this);
    const [ink = "", muted = "", line = ""] = ["--accent-ink", "--muted", "--line"].map((name) => style.getPropertyValue(name).trim());
    const axis = { stroke: muted, font: `${AXIS_FONT_PX}px ${style.fontFamily}`, ticks: { show: false } };
    const { dates, say, highest, kind } = this.series;
    const bars = Plot.paths.bars?.({ size: [0.7, 24], radius: 0.2 });
    return {
      width: this.clientWidth,
      height: HEIGHT_PX,
      padding: [8, 8, 0, 0],
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, range: () => [-0.5, dates.length - 0.5] },
        y: { range: (_plot, _low, high) => [0, highest ?? (high > 0 ? high * HEADROOM : 1)] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 28,
          space: 72,
          values: (_plot, indexes) => indexes.map((index) => this.#dayOf(dates[index])),
        },
        { ...axis, grid: { stroke: line, width: 1 }, size: 58, space: 40, values: (_plot, marks) => marks.map(say) },
      ],
      series: [
        {},
        kind === "bars"
          ? { fill: ink, width: 0, points: { show: false }, ...(bars && { paths: bars }) }
          : { stroke: ink, width: 2, spanGaps: true, points: { show: true, size: 5, fill: ink } },
      ],
    };
  }

  #dayOf(date: string | undefined): string {
    return date === undefined ? "" : this.format.shortDay(date);
  }
}

customElements.define("day-chart", DayChart);
