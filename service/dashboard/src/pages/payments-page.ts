import { html, nothing, type PropertyDeclarations, type TemplateResult } from "lit";
import type { OwnerPayment, Page as PageOf } from "../api/types.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";

/** Payments, the newest first. Each leads to its booking. */
class PaymentsPage extends Page {
  static override readonly properties: PropertyDeclarations = { ...Page.properties, query: { attribute: false } };
  declare query: string;
  #shown: string | null = null;
  readonly #payments = new Loading(this, () => this.#readPage(), { beginsItself: false });

  protected override willUpdate(): void {
    if (this.#shown === this.query) return;
    this.#shown = this.query;
    void this.#payments.reload();
  }

  protected override render(): TemplateResult {
    const { t } = this.app;
    const status = new URLSearchParams(this.query).get("status");
    const tab = (value: string | null, words: string): TemplateResult =>
      html`<a href=${href(value === null ? "/payments" : `/payments?status=${value}`)} aria-current=${status === value ? "page" : nothing}
        >${words}</a
      >`;
    return html`<h1 tabindex="-1">${t.payments}</h1>
      <nav class="tabs" aria-label=${t.views}>
        ${tab(null, t.all)} ${tab("paid", t.paymentFilters.paid)} ${tab("failed", t.paymentFilters.failed)}
        ${tab("refunded", t.paymentFilters.refunded)}
      </nav>
      ${this.shown(this.#payments, (page) => this.#list(page))}`;
  }

  #readPage(): Promise<PageOf<OwnerPayment>> {
    const wish = new URLSearchParams(this.query);
    wish.set("limit", "50");
    return this.app.client.api("GET", `/payments?${wish}`);
  }

  #list({ data, next }: PageOf<OwnerPayment>): TemplateResult {
    const { t, format } = this.app;
    if (data.length === 0) return html`<p class="empty">${t.noPayments}</p>`;
    const older = new URLSearchParams(this.query);
    if (next !== null) older.set("after", next);
    return html`<ul class="lines">
        ${data.map(
          (payment) =>
            html`<li>
              <a class="line" href=${href(`/bookings/${encodeURIComponent(payment.bookingId)}`)}>
                <span class="when">${format.moment(payment.paidAt ?? payment.requestedAt)}</span>
                <span class="who">${payment.receipt ?? payment.phone}</span>
                <span class="what"
                  ><span class="what-when">${format.moment(payment.paidAt ?? payment.requestedAt)}</span>
                  ${payment.reason === undefined ? payment.reference : t.reasons[payment.reason]}</span
                >
                <span class="sum">${format.money(payment.amount)}</span>
                <span class=${payment.status === "paid" ? "state good" : payment.status === "failed" ? "state warm" : "state"}
                  >${t.attemptStates[payment.status]}</span
                >
              </a>
            </li>`,
        )}
      </ul>
      ${next === null ? nothing : html`<a class="framed" href=${href(`/payments?${older}`)}>${t.older}</a>`}`;
  }
}

customElements.define("payments-page", PaymentsPage);
