/** What a benchmark found, as docs/performance.md and the JSON beside it have it. */

export type Table = {
  columns: readonly string[];
  rows: readonly (readonly string[])[];
};

export type Finding = {
  /** Its name on the command line. */
  name: string;
  title: string;
  /** How it was measured, in words. */
  how: string;
  table: Table;
  /** The goal, and what became of it, in words. */
  verdict: string;
  /** Every single value that was measured. */
  raw: Readonly<Record<string, readonly number[]>>;
};

export type Say = (line: string) => void;

/** How much is measured, from the command line. */
export type Extent = {
  /** One round and small numbers: to try a benchmark out. */
  short: boolean;
  /** Of the soak. */
  minutes: number;
  /** Payments in the tables; null: for the year as many as fit in five minutes and 10 GB, for the dashboard a million. */
  rows: number | null;
};

export type Benchmark = {
  name: string;
  run(say: Say, extent: Extent): Promise<Finding>;
};

/** The value below which this share of the values lies. NaN if there are none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The median, with the smallest and the largest value. */
export function withSpread(values: readonly number[], digits = 0): string {
  const show = (value: number): string => (Number.isFinite(value) ? value.toFixed(digits) : "none");
  return `${show(median(values))} (${show(Math.min(...values))} to ${show(Math.max(...values))})`;
}
