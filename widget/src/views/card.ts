/** The frame around every screen, and the button or link that opens it in a dialog. */
import { html, nothing } from "lit";
import type { Offer } from "../api/contract.ts";
import { isKnown } from "../checkout/checkout-state.ts";
import type { CheckoutState } from "../checkout/checkout-state.ts";
import { money, sessionTime } from "../internal/format.ts";
import { cross, spinner } from "../internal/icons.ts";
import { fill, labelsIn, languagesWith } from "../labels/labels.ts";
import type { Language, OwnLabels } from "../labels/labels.ts";
import { say } from "./parts.ts";
import type { ViewContext } from "./view-context.ts";

export interface CardParts {
  screen: unknown;
  offer: Offer | undefined;
  /** What is wrong with the connection, or nothing. */
  trouble: string;
  language: Language;
  ownLabels: OwnLabels;
}

export function cardView({ screen, offer, trouble, language, ownLabels }: CardParts, context: ViewContext) {
  const { labels, act } = context;
  return html`<div class="card" part="card" role="group" aria-label=${labels.payTitle} lang=${language}>
    ${summary(offer, context)} ${screen} ${trouble ? html`<p class="muted panel">${say(trouble)}</p>` : nothing}
    <slot name="help"></slot>
    <div class="languages" part="footer">
      ${languagesWith(ownLabels).map(
        (each) =>
          html`<button type="button" class="link" lang=${each} aria-pressed=${language === each} @click=${() => act.chooseLanguage(each)}>
            ${say(labelsIn(each, ownLabels).name)}
          </button>`,
      )}
    </div>
    <p id="said" class="unseen" role="status"></p>
  </div>`;
}

/** The same on every screen, so that nothing above the change moves. */
function summary(offer: Offer | undefined, { labels, merchant }: ViewContext) {
  if (!offer) return html`<div class="summary"></div>`;
  const { amount, session } = offer;
  return html`<div class="summary" part="summary">
    <p class="amount" part="amount">${say(money(amount, " "))}</p>
    <p class="what">${say(session.name)}</p>
    <p class="muted">${say([session.date && sessionTime(session, labels), merchant].filter(Boolean).join(" · "))}</p>
  </div>`;
}

export const loadingView = ({ labels }: ViewContext) =>
  html`<div class="stage centred">
    ${spinner}
    <p>${say(labels.loading)}</p>
  </div>`;

/** `card`: what stands in the dialog; `undefined` while that is closed. */
export function triggerView(
  mode: "button" | "link",
  state: CheckoutState,
  card: unknown,
  context: ViewContext,
  open: () => void,
  close: () => void,
) {
  return html`<button
      type="button"
      class=${mode === "link" ? "link" : "button primary"}
      part="trigger"
      aria-haspopup="dialog"
      @click=${open}
    >
      <slot>${say(triggerWords(state, context))}</slot>
    </button>
    ${card === undefined ? nothing : dialogView(card, context, close)}`;
}

function triggerWords(state: CheckoutState, { labels }: ViewContext): string {
  if (!isKnown(state) || state.name === "refunded") return labels.payTitle;
  if (state.name === "paid") return labels.paid;
  if (state.name === "prompted") return labels.onYourPhone;
  if (state.name === "lapsed") return labels.timeOver;
  if (state.name === "cancelled") return labels.bookingCancelled;
  return fill(labels.pay, { amount: money(state.booking.amountDue) });
}

function dialogView(card: unknown, { labels }: ViewContext, close: () => void) {
  return html`<dialog part="dialog" aria-label=${labels.payTitle} @close=${close}>
    <button type="button" class="button close" part="close-button" aria-label=${labels.close} @click=${close}>${cross}</button>
    ${card}
  </dialog>`;
}
