/** What the owner decides in a storm, with the M-Pesa statement beside the list of what waits for a person. */
import {
  bookingViewSchema,
  ownerCallbacksPageSchema,
  paymentsPageSchema,
  unassignedMoneyPageSchema,
  type OwnerPayment,
} from "../../service/src/contract.ts";
import type { Control } from "../daraja-simulator/control.ts";
import type { Random } from "../daraja-simulator/ids.ts";
import type { OwnerCall } from "./owner-client.ts";

export interface DecisionParts {
  readonly call: OwnerCall;
  readonly control: Control;
  readonly random: Random;
  readonly bookings: ReadonlyMap<string, string>;
  readonly isCalm: () => boolean;
  readonly happened: (what: string) => void;
  readonly injected: (fault: string) => void;
}

const REASON = { reason: "as the statement shows", actor: "the owner" };
/** By then neither a prompt nor its money can be on their way: in a storm Safaricom's times are short. */
const SETTLED_AFTER_MS = 90_000;
/** Of what is listed, as much is decided on each look. */
const ASSIGNED = 0.1;
const REPLAYED = 0.02;

/** @returns one look at the lists, with a decision about some of what they hold */
export function createDecisions(parts: DecisionParts): () => Promise<void> {
  let decisions = 0;
  const nextKey = (): string => `decision-${(decisions += 1)}`;
  return async () => {
    await assignSome(parts, nextKey);
    // A callback that is replayed waits to be read, so the storm would never end.
    if (!parts.isCalm()) await replaySome(parts, nextKey);
    await settleOld(parts, nextKey);
  };
}

async function assignSome({ call, control, random, bookings, happened, injected }: DecisionParts, nextKey: () => string): Promise<void> {
  const answer = await call("/api/v1/unassigned-money");
  const listed = answer?.status === 200 ? unassignedMoneyPageSchema.parse(answer.body).data : [];
  for (const { receipt } of listed) {
    if (random() > ASSIGNED) continue;
    const payer = control.ledger.find((entry) => entry.receipt === receipt)?.payerPhone;
    const bookingId = payer === undefined ? undefined : bookings.get(payer);
    const booking = bookingId === undefined ? null : await call(`/api/booking/${bookingId}`);
    if (booking?.status !== 200) continue;
    const { reference } = bookingViewSchema.parse(booking.body);
    const path = `/api/v1/unassigned-money/${receipt}/assign`;
    const assigned = await call(path, { body: { reference, ...REASON }, key: nextKey() });
    happened(`assigning money answered ${assigned?.status ?? "nothing"}`);
    if (assigned?.status === 200) injected("money assigned by the owner");
  }
}

async function replaySome({ call, random, happened, injected }: DecisionParts, nextKey: () => string): Promise<void> {
  const answer = await call("/api/v1/callbacks");
  const listed = answer?.status === 200 ? ownerCallbacksPageSchema.parse(answer.body).data : [];
  for (const { callbackId } of listed) {
    if (random() > REPLAYED) continue;
    const replayed = await call(`/api/v1/callbacks/${callbackId}/replay`, { body: {}, key: nextKey() });
    happened(`replaying a callback answered ${replayed?.status ?? "nothing"}`);
    if (replayed?.status === 202) injected("callback replayed by the owner");
  }
}

/** Settles payments of which nothing was ever heard. */
async function settleOld(parts: DecisionParts, nextKey: () => string): Promise<void> {
  for (const status of ["requested", "confirming"]) {
    const answer = await parts.call(`/api/v1/payments?status=${status}&limit=100`);
    const open = answer?.status === 200 ? paymentsPageSchema.parse(answer.body).data : [];
    for (const payment of open) if (Date.now() - payment.requestedAt > SETTLED_AFTER_MS) await settle(parts, payment, nextKey());
  }
}

async function settle(
  { call, control, bookings, happened, injected }: DecisionParts,
  { paymentId, bookingId, amount, requestedAt }: OwnerPayment,
  key: string,
): Promise<void> {
  // Whoever has money on the statement that no payment shows types the code, so that no receipt is taken for another payment's.
  const hasPaid = control.ledger.some(
    (entry) => bookings.get(entry.payerPhone) === bookingId && entry.amountKes === amount && entry.at >= requestedAt - SETTLED_AFTER_MS,
  );
  if (hasPaid) return;
  const answer = await call(`/api/v1/payments/${paymentId}/settle`, { body: { outcome: "not_paid", ...REASON }, key });
  happened(`settling a payment answered ${answer?.status ?? "nothing"}`);
  if (answer?.status === 200) injected("payment settled as not paid by the owner");
}
