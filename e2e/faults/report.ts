/** A storm's outcome, as a person reads it. */
import type { StormReport } from "./storm.ts";

/** Sentences of each kind that are printed; the first few say what is wrong. */
const SHOWN_MAX = 10;

/** What must be zero, by name. */
export function failuresOf({ audit, toldWrongly, gaveUp, crashes, payments, options }: StormReport): Record<string, number> {
  return {
    lost: audit.lost.length,
    doubled: audit.doubled.length,
    "booked wrongly": audit.bookedWrongly.length + toldWrongly.length,
    unsettled: audit.unsettled.length,
    "callbacks answered and not kept": audit.callbacksForgotten.length,
    "copies that ended by themselves": crashes,
    "parents who gave up": gaveUp,
    "payments not begun in time": options.payments - payments,
  };
}

export function isClean(report: StormReport): boolean {
  return Object.values(failuresOf(report)).every((count) => count === 0);
}

/** The last line: never more than the table shows. */
export function verdict(report: StormReport): string {
  const failures = Object.entries(failuresOf(report)).filter(([, count]) => count > 0);
  if (failures.length > 0) return `FAILED: ${failures.map(([name, count]) => `${count} ${name}`).join(", ")}`;
  const { unheard, contradicted } = report.audit;
  const untold = unheard.filter(({ paid }) => paid).length + contradicted.length;
  const clean = "0 lost, 0 doubled, 0 booked wrongly, 0 unsettled";
  if (untold === 0) return `Ledger = database: ${clean}.`;
  return `${clean}. Of ${untold} payments no word ever reached the service: the ledger is that much ahead, until the payers type their codes.`;
}

export function formatReport(report: StormReport): string {
  const { audit, options, injected, happened, errorLines } = report;
  const unheardPaid = audit.unheard.filter(({ paid }) => paid).length;
  const unheardSent = audit.unheard.filter(({ promptWentOut }) => promptWentOut).length;
  const { callback, other } = audit.settledAfterMs;
  const all = [...callback, ...other];
  const lines = [
    ...table([
      ["seed", String(options.seed)],
      ["payments", String(report.payments)],
      ["in Safaricom's ledger", String(audit.inLedger)],
      ["paid in the database", String(audit.paidInDatabase)],
      ...Object.entries(failuresOf(report)).map(([name, count]): [string, string] => [name, String(count)]),
      ["nobody could tell (*)", `${audit.unheard.length}, of which ${unheardSent} reached the phone and ${unheardPaid} were paid`],
      ["money after Safaricom's own no (**)", String(audit.contradicted.length)],
      ["paid twice by the parent, kept as surplus", String(audit.surplus)],
      ["callbacks answered 200, stored", `${audit.callbacksAnswered}, ${audit.callbacksStored}`],
      ["time to settle, all", percentiles(all)],
      ["… told by the callback", percentiles(callback)],
      ["… found by asking, or by the push's reply", percentiles(other)],
      ["the storm, the quiet after it", `${(report.ragedMs / 1_000).toFixed(0)} s, ${(report.settledMs / 1_000).toFixed(0)} s`],
    ]),
    "(*) Neither the push's reply nor a callback reached the service, because it, its database or the wire died at that moment. Such an attempt",
    "    waits for the payer's code or the owner, and after 10 minutes says so.",
    "(**) Safaricom said 1037 (no answer), took the money after all, and its second callback was lost on the way.",
    "",
    "Faults that came to pass",
    ...table(sorted(injected)),
    "",
    "What parents met",
    ...table(sorted(happened)),
  ];
  if (errorLines.size > 0) lines.push("", "Logged as errors", ...table(sorted(errorLines)));
  const wrongs = [
    ...audit.lost,
    ...audit.doubled,
    ...audit.bookedWrongly,
    ...report.toldWrongly,
    ...audit.unsettled,
    ...audit.callbacksForgotten,
  ];
  if (wrongs.length > 0) lines.push("", "What is wrong", ...wrongs.slice(0, SHOWN_MAX).map((sentence) => `  ${sentence}`));
  if (wrongs.length > SHOWN_MAX) lines.push(`  and ${wrongs.length - SHOWN_MAX} more`);
  return lines.join("\n");
}

function sorted(counts: ReadonlyMap<string, number>): [string, string][] {
  return [...counts].toSorted(([, left], [, right]) => right - left).map(([name, count]) => [name, String(count)]);
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function percentiles(values: readonly number[]): string {
  if (values.length === 0) return "none";
  const ordered = values.toSorted((left, right) => left - right);
  const at = (share: number): string =>
    `${((ordered[Math.min(ordered.length - 1, Math.floor(ordered.length * share))] ?? 0) / 1_000).toFixed(2)} s`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)} (${values.length})`;
}
