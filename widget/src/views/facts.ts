import { isKnown } from "../checkout/checkout-state.ts";
import type { CheckoutState, KnownState } from "../checkout/checkout-state.ts";
import { money } from "../internal/format.ts";
import { fill } from "../labels/labels.ts";
import { payerOf } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

/** A sentence with everything in it that is known of the booking. */
export function withFacts(sentence: string, state: CheckoutState, context: ViewContext): string {
  return fill(sentence, { owner: context.merchant || context.labels.owner, ...(isKnown(state) && factsOf(state, context)) });
}

function factsOf(state: KnownState, context: ViewContext) {
  const { amount, amountPaid, surplus, payment, reference } = state.booking;
  return {
    phone: payerOf(state, context),
    amount: money(payment?.amount ?? amount),
    paid: money(amountPaid),
    surplus: money(surplus ?? 0),
    reference,
  };
}

/** The first sentence is the heading. */
export function titled(sentences: string): [title: string, rest: string] {
  const [title = "", rest = ""] = sentences.split(/\. ?(.*)/);
  return [title, rest];
}
