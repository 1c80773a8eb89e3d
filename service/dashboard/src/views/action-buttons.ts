import { html, nothing, type TemplateResult } from "lit";
import { assignTo, cancelBooking, move, refund, resendReceipt, settle } from "../actions.ts";
import type { OwnerBooking, Timeline } from "../api/types.ts";
import type { App } from "../app.ts";
import { serviceText } from "./service-text.ts";

type Action = Timeline["actions"][number];

/** A button for each thing that can be done about a booking now. Each says its consequence before it does it. */
export function actionButtons(
  app: App,
  booking: OwnerBooking,
  actions: readonly Action[],
  done: () => void,
): (TemplateResult | typeof nothing)[] {
  return actions.map((action) => buttonOf(app, booking, action, done));
}

function buttonOf(
  app: App,
  { bookingId, reference, session: { date, time } }: OwnerBooking,
  { action, paymentId, amount, ...said }: Action,
  done: () => void,
): TemplateResult | typeof nothing {
  const { t, format } = app;
  const consequence = serviceText(said.consequence);
  const button = (words: string, run: () => Promise<boolean>): TemplateResult =>
    html`<button class="framed" @click=${() => void run()}>${words}</button>`;
  switch (action) {
    case "refund":
      if (paymentId === undefined || amount === undefined) return nothing;
      return button(t.refundOf(format.money(amount)), () => refund(app, { paymentId, consequence }, done));
    case "settle":
      return paymentId === undefined ? nothing : button(t.settle, () => settle(app, { paymentId, consequence }, done));
    case "move":
      return button(t.move, () => move(app, { bookingId, date, time, consequence }, done));
    case "cancel":
      return button(t.cancelBooking, () => cancelBooking(app, { bookingId, consequence }, done));
    case "resend_receipt":
      return button(t.resendReceipt, () => resendReceipt(app, { bookingId, consequence }, done));
    case "assign":
      return button(t.assignHere, () => assignTo(app, { reference, consequence }, done));
  }
}
