/** What a manager can decide. Each says its consequence first; the service has the last word. */
import type { OwnerUnassignedMoney, Page } from "./api/types.ts";
import type { App } from "./app.ts";
import type { Field, Question } from "./ask.ts";
import type { Labels } from "./labels/labels.ts";

type Done = () => unknown;

const enc = encodeURIComponent;

export function refund(
  app: App,
  { paymentId, consequence }: { paymentId: string; consequence: Question["consequence"] },
  done: Done,
): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: t.refund,
    consequence,
    fields: [reasonField(t)],
    action: t.refund,
    isGrave: true,
    run: ({ reason }) => app.client.api("POST", `/payments/${enc(paymentId)}/refunds`, { reason }),
  });
}

export function settle(
  app: App,
  { paymentId, consequence }: { paymentId: string; consequence: Question["consequence"] },
  done: Done,
): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: t.settle,
    consequence,
    fields: [
      {
        name: "outcome",
        label: t.outcome,
        choices: [
          { value: "paid", label: t.outcomePaid },
          { value: "not_paid", label: t.outcomeNotPaid },
        ],
      },
      { name: "receipt", label: t.receipt, optional: true, hint: t.receiptHint },
      reasonField(t),
    ],
    action: t.settle,
    isGrave: true,
    run: ({ outcome, receipt, reason }) =>
      app.client.api("POST", `/payments/${enc(paymentId)}/settle`, { outcome, reason, ...(outcome === "paid" && { receipt }) }),
  });
}

/** Money that the booking does not need stays, or was given back by hand. */
export function settleSurplus(app: App, paymentId: string, outcome: "kept" | "refunded", done: Done): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: outcome === "kept" ? t.keep : t.givenBack,
    consequence: outcome === "kept" ? t.keepText : t.givenBackText,
    fields: [reasonField(t)],
    action: outcome === "kept" ? t.keep : t.givenBack,
    run: ({ reason }) => app.client.api("POST", `/payments/${enc(paymentId)}/settle`, { outcome, reason }),
  });
}

export function assign(app: App, receipt: string, done: Done): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: t.assign,
    consequence: t.assignText(receipt),
    fields: [{ name: "reference", label: t.reference, hint: t.referenceHint }, reasonField(t)],
    action: t.assign,
    run: (values) => app.client.api("POST", `/unassigned-money/${enc(receipt)}/assign`, values),
  });
}

/** From the booking's side: which of the money that waits is for it. */
export async function assignTo(
  app: App,
  { reference, consequence }: { reference: string; consequence: Question["consequence"] },
  done: Done,
): Promise<boolean> {
  const { t, format } = app;
  const money = await app.attempt(() => app.client.api<Page<OwnerUnassignedMoney>>("GET", "/unassigned-money?limit=100"));
  if (!money) return false;
  const choices = money.data.map(({ receipt, amount, accountNumber, paidAt }) => ({
    value: receipt,
    label: `${format.money(amount)} · ${receipt} · ${accountNumber} · ${format.moment(paidAt)}`,
  }));
  return ask(app, done, {
    title: t.assignHere,
    consequence,
    fields: [{ name: "receipt", label: t.moneyWithoutBooking, choices }, reasonField(t)],
    action: t.assign,
    run: ({ receipt = "", reason }) => app.client.api("POST", `/unassigned-money/${enc(receipt)}/assign`, { reference, reason }),
  });
}

export function keepMoney(app: App, receipt: string, done: Done): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: t.keep,
    consequence: t.keepText,
    fields: [reasonField(t)],
    action: t.keep,
    run: (values) => app.client.api("POST", `/unassigned-money/${enc(receipt)}/keep`, values),
  });
}

export function replay(app: App, callbackId: string, done: Done): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: t.replay,
    consequence: t.replayText,
    action: t.replay,
    run: () => app.client.api("POST", `/callbacks/${enc(callbackId)}/replay`),
  });
}

export function dismiss(app: App, callbackId: string, done: Done): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: t.dismiss,
    consequence: t.dismissText,
    fields: [reasonField(t)],
    action: t.dismiss,
    run: (values) => app.client.api("POST", `/callbacks/${enc(callbackId)}/dismiss`, values),
  });
}

export function move(
  app: App,
  booking: { bookingId: string; date: string; time: string; consequence: Question["consequence"] },
  done: Done,
): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: t.move,
    consequence: booking.consequence,
    fields: [
      { name: "date", label: t.date, kind: "date", value: booking.date },
      { name: "time", label: t.time, kind: "time", value: booking.time },
      reasonField(t),
    ],
    action: t.move,
    run: (values) => app.client.api("POST", `/bookings/${enc(booking.bookingId)}/move`, values),
  });
}

export function cancelBooking(
  app: App,
  booking: { bookingId: string; consequence: Question["consequence"] },
  done: Done,
): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: t.cancelBooking,
    consequence: booking.consequence,
    fields: [reasonField(t)],
    action: t.cancelBooking,
    isGrave: true,
    run: (values) => app.client.api("POST", `/bookings/${enc(booking.bookingId)}/cancel`, values),
  });
}

export function resendReceipt(
  app: App,
  booking: { bookingId: string; consequence: Question["consequence"] },
  done: Done,
): Promise<boolean> {
  const { t } = app;
  return ask(app, done, {
    title: t.resendReceipt,
    consequence: booking.consequence,
    action: t.resendReceipt,
    run: () => app.client.api("POST", `/bookings/${enc(booking.bookingId)}/resend-receipt`),
  });
}

/** Why somebody decides; it stays in the history. */
function reasonField(t: Labels): Field {
  return { name: "reason", label: t.reason, hint: t.reasonHint };
}

async function ask(app: App, done: Done, question: Question): Promise<boolean> {
  const wasDone = await app.ask(question);
  if (wasDone) {
    app.say(app.t.done(question.title));
    done();
  }
  return wasDone;
}
