/** Formats the outcome of a storm. */
import type { Places, Sum } from "../ledger-audit/ledger-audit.ts";
import type { StormReport } from "./storm.ts";

/** The number of differences that are printed. */
const SHOWN_MAX = 10;

/** The counts that must be zero, by name. */
export function failuresOf({ audit, toldWrongly, toldOtherwise, gaveUp, crashes, payments, options }: StormReport): Record<string, number> {
  return {
    lost: audit.lost.length,
    doubled: audit.doubled.length,
    "booked wrongly": audit.bookedWrongly.length + toldWrongly.length,
    unsettled: audit.unsettled.length,
    "callbacks answered and not kept": audit.callbacksForgotten.length,
    "bookings whose webhooks are not their history": toldOtherwise.length,
    "copies that ended by themselves": crashes,
    "parents who gave up": gaveUp,
    "payments not begun in time": options.payments - payments,
  };
}

export function isClean(report: StormReport): boolean {
  return Object.values(failuresOf(report)).every((count) => count === 0);
}

/** The last line of the output. */
export function verdict(report: StormReport): string {
  const failures = Object.entries(failuresOf(report)).filter(([, count]) => count > 0);
  if (failures.length > 0) return `FAILED: ${failures.map(([name, count]) => `${count} ${name}`).join(", ")}`;
  return "Ledger = database: 0 lost, 0 doubled, 0 booked wrongly, 0 unsettled.";
}

export function formatReport(report: StormReport): string {
  const { audit, options, injected, happened, errorLines } = report;
  const unreportedSent = audit.unreported.filter(({ promptWentOut }) => promptWentOut).length;
  const { callback, other } = audit.settledAfterMs;
  const all = [...callback, ...other];
  const lines = [
    ...table([
      ["seed", String(options.seed)],
      ["payments", String(report.payments)],
      ["in Safaricom's ledger", money(total(audit.places))],
      ["… books a session", money(audit.places.booked)],
      ["… waits with a booking that is not booked", money(audit.places.waiting)],
      ["… surplus, for the owner to decide about", money(audit.places.surplus)],
      ["… given back", money(audit.places.givenBack)],
      ["… on the owner's list of unassigned money", money(audit.places.listed)],
      ...Object.entries(failuresOf(report)).map(([name, count]): [string, string] => [name, String(count)]),
      ["unpaid, and neither reply nor callback arrived (*)", `${audit.unreported.length}, of which ${unreportedSent} reached the phone`],
      ["callbacks answered 200, callbacks stored", `${audit.callbacksAnswered}, ${audit.callbacksStored}`],
      ["time to settle, all", percentiles(all)],
      ["… by a callback", percentiles(callback)],
      ["… by a query, a code or the push's reply", percentiles(other)],
      ["duration of the storm, of settling", `${(report.ragedMs / 1_000).toFixed(0)} s, ${(report.settledMs / 1_000).toFixed(0)} s`],
    ]),
    "(*) The process, the database or a connection died during the push, and nobody paid. After 10 minutes the parent reads that the outcome is unknown.",
    "",
    "Faults that happened",
    ...table(sorted(injected)),
    "",
    "What parents met",
    ...table(sorted(happened)),
  ];
  if (errorLines.size > 0) lines.push("", "Logged errors", ...table(sorted(errorLines)));
  const wrongs = [
    ...audit.lost,
    ...audit.doubled,
    ...audit.bookedWrongly,
    ...report.toldWrongly,
    ...report.toldOtherwise,
    ...audit.unsettled,
    ...audit.callbacksForgotten,
  ];
  if (wrongs.length > 0) lines.push("", "Differences", ...wrongs.slice(0, SHOWN_MAX).map((sentence) => `  ${sentence}`));
  if (wrongs.length > SHOWN_MAX) lines.push(`  and ${wrongs.length - SHOWN_MAX} more`);
  return lines.join("\n");
}

function total({ booked, waiting, surplus, givenBack, listed }: Places): Sum {
  const all = [booked, waiting, surplus, givenBack, listed];
  return { payments: all.reduce((sum, { payments }) => sum + payments, 0), kes: all.reduce((sum, { kes }) => sum + kes, 0) };
}

function money({ payments, kes }: Sum): string {
  return `${payments} payments, KES ${kes.toLocaleString("en")}`;
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
