import { toBookingView } from "../bookings/booking-view.ts";
import { toOwnerPayment } from "../payments/operator/owner-payment.ts";
import { amountDueKes, type Attempt, type BookingFile } from "../payments/payment.ts";
import type { ComposeWebhooks, Happened } from "../payments/payments-dependencies.ts";
import type { Ids } from "../platform/ids.ts";
import type { BookingMessage, WebhookType } from "./webhook-contract.ts";

export type ComposerParts = {
  /** Whether the site's server wants to be told of anything. */
  hasEndpoint(siteId: string): Promise<boolean>;
  ids: Pick<Ids, "next">;
};

/** Writes what the owner's server is told of a change, in the order in which it is told. */
export function createWebhookComposer({ hasEndpoint, ids }: ComposerParts): ComposeWebhooks {
  return async (happened) => {
    const types = typesOf(happened);
    if (types.length === 0 || !(await hasEndpoint(happened.after.booking.siteId))) return [];
    const { paymentId, atMs } = happened;
    return types.map((type) => ({
      id: ids.next("msg"),
      type,
      paymentId,
      payload: JSON.stringify(toMessage(type, happened)),
      createdAtMs: atMs,
    }));
  };
}

/** Pure: the events of a change. First what was paid, then what is booked because of it. */
export function typesOf({ before, after, paymentId }: Happened): WebhookType[] {
  const attempt = attemptIn(after, paymentId);
  const isMoved = attempt !== null && attempt.status !== attemptIn(before, paymentId)?.status;
  const { status } = after.booking;
  const isNew = status !== before.booking.status && status !== "pending";
  return [...(isMoved ? paymentTypes(before, attempt) : []), ...(isNew ? [`booking.${status}` as const] : [])];
}

/** Money that the booking needed is one event. What it did not need is another: of the same payment, or all of it. */
function paymentTypes(before: BookingFile, { id, status, amountKes, surplusKes }: Attempt): WebhookType[] {
  if (status === "failed" || status === "refunded") return [`payment.${status}`];
  if (status !== "paid") return [];
  const neededKes = amountKes - surplusKes;
  const isLate = before.booking.status === "lapsed" || attemptIn(before, id)?.status === "failed";
  const needed = neededKes < amountDueKes(before) ? "payment.partial" : isLate ? "payment.paid_late" : "payment.paid";
  return [...(neededKes > 0 ? ([needed] as const) : []), ...(surplusKes > 0 ? (["payment.surplus"] as const) : [])];
}

function attemptIn({ attempts }: BookingFile, paymentId: string | null): Attempt | null {
  return attempts.find(({ id }) => id === paymentId) ?? null;
}

function toMessage(type: WebhookType, { after, paymentId, atMs }: Happened): BookingMessage {
  const attempt = attemptIn(after, paymentId);
  const booking = toBookingView(after, { nowMs: atMs });
  const data = { version: booking.version, booking, payment: attempt && toOwnerPayment(attempt, booking.reference) };
  return { type, timestamp: new Date(atMs).toISOString(), data };
}
