/** The frame around every screen, and the button or link that opens it in a dialog. */
import { html, nothing } from "lit";
import type { Offer } from "../api/contract.ts";
import { isKnown } from "../checkout/checkout-state.ts";
import type { CheckoutState } from "../checkout/checkout-state.ts";
import { money, sessionTime } from "../internal/format.ts";
import { cross } from "../internal/icons.ts";
import { fill, labelsIn, languagesWith } from "../labels/labels.ts";
import type { Language, OwnLabels } from "../labels/labels.ts";
import { sayAsOne } from "./parts.ts";
import { say } from "./say.ts";
import type { ViewContext } from "./view-context.ts";

export interface CardParts {
  screen: unknown;
  offer: Offer | undefined;
  isLoading: boolean;
  /** What is wrong with the connection, or nothing. */
  trouble: string;
  language: Language;
  ownLabels: OwnLabels;
}

export function cardView({ screen, offer, isLoading, trouble, language, ownLabels }: CardParts, context: ViewContext) {
  const { labels } = context;
  return html`<div class="card" part="card" role="group" aria-label=${labels.payTitle} lang=${language}>
    <div class="top">${languages(language, ownLabels, context)} ${summary(offer, isLoading, context)}</div>
    ${screen} ${trouble ? html`<p class="panel">${say(trouble)}</p>` : nothing}
    <slot name="help"></slot>
    <p id="said" class="unseen" role="status"></p>
  </div>`;
}

/** The same on every screen, so that nothing above the change moves. */
function summary(offer: Offer | undefined, isLoading: boolean, { labels, merchant }: ViewContext) {
  if (!offer) return isLoading ? html`<div class="summary skeleton"><span></span><span></span></div>` : nothing;
  const { amount, session } = offer;
  return html`<div class="summary" part="summary">
    <p class="amount" part="amount">${say(money(amount, " "))}</p>
    <p class="what">${say(session.name)}</p>
    <p class="muted">${say([session.date && sessionTime(session, labels), merchant].filter(Boolean).join(" · "))}</p>
  </div>`;
}

function languages(language: Language, ownLabels: OwnLabels, { act }: ViewContext) {
  return html`<div class="languages" part="footer">
    ${languagesWith(ownLabels).map(
      (each) =>
        html`<button
          type="button"
          class="link"
          lang=${each}
          aria-label=${`${each.toUpperCase()} ${labelsIn(each, ownLabels).name}`}
          aria-pressed=${language === each}
          @click=${() => act.chooseLanguage(each)}
        >
          ${each.toUpperCase()}
        </button>`,
    )}
  </div>`;
}

/** The shape of the screen to come. */
export const loadingView = ({ labels }: ViewContext) =>
  html`<div class="stage skeleton">
    <p class="unseen">${say(labels.loading)}</p>
    <span></span><span class="high"></span><span class="high"></span>
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
      <slot>${sayAsOne(triggerWords(state, context))}</slot>
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
