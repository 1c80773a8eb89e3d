/** What an owner's server was told, compared with what happened. Pure. */
import { bookingMessageSchema } from "../../service/src/webhooks/webhook-contract.ts";
import type { Rows } from "../factories/records.ts";

/** A message that the owner's server took, at its first success. */
export type Told = { id: string; body: string };

/** As the database has it. */
export type WrittenMessage = { id: string; bookingId: string; sequence: number };

const ENDS = new Set(["paid", "failed", "refunded"]);

/**
 * Whether each booking's messages came, each once and in order, and whether they tell the booking's history. Repetitions were left out before.
 * @returns a sentence for each difference
 */
export function auditWebhooks(
  told: readonly Told[],
  written: readonly WrittenMessage[],
  { history, attempts }: Pick<Rows, "history" | "attempts">,
): string[] {
  const bookingOf = new Map(written.map(({ id, bookingId }) => [id, bookingId]));
  const toldOf = Map.groupBy(told, ({ id }) => bookingOf.get(id) ?? "");
  const writtenOf = Map.groupBy(written, ({ bookingId }) => bookingId);
  const bookingOfAttempt = new Map(attempts.map(({ id, bookingId }) => [id, bookingId]));
  const historyOf = Map.groupBy(history, ({ payment_id: paymentId }) => bookingOfAttempt.get(paymentId) ?? "");
  const unknown = (toldOf.get("") ?? []).map(({ id }) => `${id} was told and is not in the database`);
  const bookings = new Set([...writtenOf.keys(), ...historyOf.keys()]);
  return [
    ...unknown,
    ...[...bookings].flatMap((id) =>
      differences(id, { told: toldOf.get(id) ?? [], written: writtenOf.get(id) ?? [], history: historyOf.get(id) ?? [] }),
    ),
  ];
}

type OfBooking = { told: readonly Told[]; written: readonly WrittenMessage[]; history: Rows["history"] };

function differences(bookingId: string, { told, written, history }: OfBooking): string[] {
  const sent = written.toSorted((left, right) => left.sequence - right.sequence).map(({ id }) => id);
  const came = told.map(({ id }) => id);
  const messages = told.map(({ body }) => bookingMessageSchema.parse(JSON.parse(body)));
  const found: string[] = [];
  if (came.join() !== sent.join())
    found.push(`booking ${bookingId}: ${came.join(", ") || "nothing"} came, and ${sent.join(", ")} was written`);
  const versions = messages.map(({ data }) => data.version);
  if (versions.some((version, index) => version < (versions[index - 1] ?? 0)))
    found.push(`booking ${bookingId}: versions came as ${versions.join(", ")}`);
  // Money and its surplus are two messages of one step.
  const steps = messages.flatMap(({ type, data: { payment } }) =>
    type.startsWith("payment.") && payment ? [`${payment.paymentId} ${payment.status}`] : [],
  );
  const toldSteps = steps.filter((step, index) => step !== steps[index - 1]);
  const happened = history
    .filter(({ from_status: from, to_status: to }) => from !== to && ENDS.has(to))
    .map(({ payment_id: paymentId, to_status: to }) => `${paymentId} ${to}`);
  if (toldSteps.join() !== happened.join())
    found.push(`booking ${bookingId}: told ${toldSteps.join(", ") || "nothing"}, and the history has ${happened.join(", ") || "nothing"}`);
  return found;
}
