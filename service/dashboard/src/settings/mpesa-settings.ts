import { html, nothing, type TemplateResult } from "lit";
import type { BookingView, Finding, MpesaAccountView } from "../api/types.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";
import { href } from "../router.ts";
import { serviceText } from "../views/service-text.ts";

/** Where the money goes, and whether everything is ready for it. */
class MpesaSettings extends Page {
  readonly #account = new Loading(this, () => this.app.client.api<MpesaAccountView>("GET", "/mpesa-account"));
  /** In the language of that moment: in another one they are asked for again. */
  #findings: { language: string; list: readonly Finding[] } | null = null;
  #isChecking = false;
  #testBookingId: string | null = null;

  protected override render(): TemplateResult {
    const { t } = this.app;
    return html`${this.shown(this.#account, (account) => this.#about(account))}
      <section>
        <h2>${t.goLive}</h2>
        <p>${t.goLiveText}</p>
        <button class="framed" ?disabled=${this.#isChecking} @click=${() => void this.#check()}>
          ${this.#isChecking ? t.working : t.check}
        </button>
        ${
          this.#findings?.language !== this.app.language
            ? nothing
            : html`<ul class="findings" role="status">
                ${this.#findings.list.map(
                  ({ ok, what, how }) =>
                    html`<li class=${ok ? "good" : "warm"}>
                      <strong>${ok ? t.good : t.fault}</strong>
                      ${serviceText(what)} ${how === null ? nothing : html`<span class="muted">${serviceText(how)}</span>`}
                    </li>`,
                )}
              </ul>`
        }
      </section>
      <section>
        <h2>${t.phoneShows}</h2>
        <blockquote class="phone-text" lang="en">
          Do you want to pay KES 1,500 to <em>${t.businessName}</em> Account no. <em>${t.reference}</em>? Enter M-PESA PIN:
        </blockquote>
        <p class="muted">${t.phoneShowsText}</p>
      </section>
      <section>
        <h2>${t.testPayment}</h2>
        <p>${t.testPaymentText}</p>
        <button class="framed" @click=${() => void this.#pay()}>${t.testPayment}</button>
        ${this.#testBookingId === null ? nothing : html`<p role="status"><a href=${href(`/bookings/${encodeURIComponent(this.#testBookingId)}`)}>${t.testPaymentSent}</a></p>`}
      </section>`;
  }

  #about(account: MpesaAccountView): TemplateResult {
    const { t } = this.app;
    const { source, environment, shortcode, till, initiator, isReadable, canStore } = account;
    const whose = { own: t.ownAccount, service: t.sharedAccount, none: t.noAccount } as const;
    return html`<section class="card">
      <dl class="pairs">
        <dt>${t.accountIs}</dt>
        <dd>${whose[source]}</dd>
        ${shortcode === null ? nothing : pair(t.shortcode, shortcode)} ${till === null ? nothing : pair(t.till, till)}
        ${source === "none" ? nothing : pair(t.environment, environment === "production" ? t.production : t.sandbox)}
        ${source === "none" ? nothing : pair(t.refunds, initiator === null ? t.needsInitiator : t.possible)}
      </dl>
      ${isReadable ? nothing : html`<p class="error">${t.accountUnreadable}</p>`}
      ${canStore ? html`<button class="framed" @click=${() => void this.#change()}>${t.changeAccount}</button>` : html`<p class="muted">${t.cannotStore}</p>`}
    </section>`;
  }

  async #change(): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.changeAccount,
      consequence: t.changeAccountText,
      fields: [
        { name: "shortcode", label: t.shortcode },
        { name: "consumerKey", label: t.consumerKey },
        { name: "consumerSecret", label: t.consumerSecret, kind: "password" },
        { name: "passkey", label: t.passkey, kind: "password" },
        { name: "till", label: t.till, optional: true },
        { name: "initiatorName", label: t.initiatorName, optional: true, hint: t.initiatorHint },
        { name: "initiatorPassword", label: t.initiatorPassword, kind: "password", optional: true },
        { name: "certificate", label: t.certificate, kind: "textarea", optional: true, hint: t.certificateHint },
      ],
      action: t.changeAccount,
      isGrave: true,
      run: (values) => client.api("PUT", "/mpesa-account", accountOf(values)),
    });
    if (wasDone) await this.#account.reload();
  }

  async #check(): Promise<void> {
    this.#isChecking = true;
    this.requestUpdate();
    const { language, client } = this.app;
    const answer = await this.app.attempt(() => client.api<{ findings: Finding[] }>("POST", "/mpesa-account/check", {}));
    if (answer) this.#findings = { language, list: answer.findings };
    this.#isChecking = false;
    this.requestUpdate();
  }

  async #pay(): Promise<void> {
    const { t, client } = this.app;
    await this.app.ask({
      title: t.testPayment,
      consequence: t.testPaymentText,
      fields: [{ name: "phone", label: t.phone, kind: "tel", hint: t.phoneHint }],
      action: t.sendPrompt,
      run: async ({ phone }) => {
        const answer = await client.api<{ booking: BookingView }>("POST", "/mpesa-account/test-payment", { phone });
        this.#testBookingId = answer.booking.bookingId;
        this.requestUpdate();
      },
    });
  }
}

customElements.define("mpesa-settings", MpesaSettings);

/** An initiator is given whole or not at all: whoever fills in one of its three fields is told which is missing. */
function accountOf({ till, initiatorName, initiatorPassword, certificate, ...account }: Record<string, string>): unknown {
  const initiator = { name: initiatorName, password: initiatorPassword, certificate };
  return { ...account, ...(till && { till }), ...(Object.values(initiator).some(Boolean) && { initiator }) };
}

function pair(name: string, value: string): TemplateResult {
  return html`<dt>${name}</dt>
    <dd>${value}</dd>`;
}
