import { html, nothing, type TemplateResult } from "lit";
import { assign, dismiss, keepMoney, refund, replay, settle, settleSurplus } from "../actions.ts";
import { readBooking, type BookingFile } from "../api/read-booking.ts";
import type { AttentionItem, Page as PageOf } from "../api/types.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";
import { actionButtons } from "../views/action-buttons.ts";
import { serviceText } from "../views/service-text.ts";

const ITEMS_MAX = 100;

/** Everything that waits for a person, in words, each with what settles it. */
class AttentionPage extends Page {
  readonly #items = new Loading(this, () => this.#readItems(), { keyOf: () => this.app.language });
  /** The bookings about which somebody wants to decide: not all of a long list are read. */
  #choices = new Map<string, BookingFile>();

  protected override render(): TemplateResult {
    const { t } = this.app;
    return html`<h1 tabindex="-1">${t.attention}</h1>
      ${this.shown(this.#items, ({ data, next }) =>
        data.length === 0
          ? html`<p class="empty">${t.nothingWaits}</p>`
          : html`<ul class="cards">
                ${data.map((item) => html`<li class="card">${this.#item(item)}</li>`)}
              </ul>
              ${next === null ? nothing : html`<p class="muted">${t.moreWait}</p>`}`,
      )}`;
  }

  async #readItems(): Promise<PageOf<AttentionItem>> {
    const page = await this.app.client.api<PageOf<AttentionItem>>("GET", `/attention?limit=${ITEMS_MAX}`);
    this.app.noteAttention(page.data.length);
    this.#choices = new Map();
    return page;
  }

  #item(item: AttentionItem): TemplateResult {
    const { t } = this.app;
    return html`<h2>${t.attentionKinds[item.kind]}</h2>
      <p class="sentence">${serviceText(item.what)}</p>
      <div class="buttons">
        ${this.app.may("manager") ? this.#actions(item) : nothing}
        ${item.bookingId === undefined ? nothing : html`<a class="quiet" href=${href(`/bookings/${encodeURIComponent(item.bookingId)}`)}>${t.openBooking}</a>`}
        ${item.kind === "webhook" ? html`<a class="framed" href=${href("/settings/webhooks")}>${t.webhooks}</a>` : nothing}
      </div>`;
  }

  async #choose(bookingId: string): Promise<void> {
    const found = await this.app.attempt(() => readBooking(this.app.client, bookingId));
    if (found) this.#choices.set(bookingId, found);
    this.requestUpdate();
  }

  #actions({ kind, paymentId, receipt, callbackId, bookingId }: AttentionItem): unknown {
    const { app } = this;
    const { t } = app;
    const done = (): void => void this.#items.reload();
    const button = (words: string, run: () => Promise<boolean>): TemplateResult =>
      html`<button class="framed" @click=${() => void run()}>${words}</button>`;
    if (kind === "unassigned_money" && receipt !== undefined)
      return [button(t.assign, () => assign(app, receipt, done)), button(t.keep, () => keepMoney(app, receipt, done))];
    if (kind === "callback" && callbackId !== undefined)
      return [button(t.replay, () => replay(app, callbackId, done)), button(t.dismiss, () => dismiss(app, callbackId, done))];
    if (kind === "booking" && bookingId !== undefined) {
      const choices = this.#choices.get(bookingId);
      if (choices) return actionButtons(app, choices.booking, choices.timeline.actions, done);
      return html`<button class="framed" @click=${() => void this.#choose(bookingId)}>${t.whatNow}</button>`;
    }
    if (paymentId === undefined) return nothing;
    if (kind === "payment") return button(t.settle, () => settle(app, { paymentId, consequence: t.settleText }, done));
    if (kind === "surplus")
      return [
        button(t.keep, () => settleSurplus(app, paymentId, "kept", done)),
        button(t.givenBack, () => settleSurplus(app, paymentId, "refunded", done)),
        button(t.refund, () => refund(app, { paymentId, consequence: t.refundText }, done)),
      ];
    if (kind === "refund") return button(t.refundAgain, () => refund(app, { paymentId, consequence: t.refundText }, done));
    return nothing;
  }
}

customElements.define("attention-page", AttentionPage);
