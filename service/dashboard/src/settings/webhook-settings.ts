import { html, nothing, type TemplateResult } from "lit";
import type { DeliveryView, EndpointView, Page as PageOf } from "../api/types.ts";
import { copyable } from "../views/copyable.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";

type Read = { endpoints: readonly EndpointView[]; deliveries: readonly DeliveryView[] };

/** Addresses of the owner's server, and what became of each message to them. */
class WebhookSettings extends Page {
  #secret: string | null = null;
  readonly #read = new Loading<Read>(this, async () => {
    const { api } = this.app.client;
    const [endpoints, deliveries] = await Promise.all([
      api<{ data: EndpointView[] }>("GET", "/webhook-endpoints"),
      api<PageOf<DeliveryView>>("GET", "/webhook-deliveries?limit=50"),
    ]);
    return { endpoints: endpoints.data, deliveries: deliveries.data };
  });

  protected override render(): TemplateResult {
    const { t } = this.app;
    const mayChange = this.app.may("manager");
    return html`${mayChange ? html`<p><button class="primary" @click=${() => void this.#add()}>${t.addEndpoint}</button></p>` : nothing}
    ${
      this.#secret === null
        ? nothing
        : html`<div class="notice secret" role="status">
            <p>${t.secretOnce}</p>
            ${copyable(this.app, this.#secret)}
          </div>`
    }
    ${this.shown(
      this.#read,
      ({ endpoints, deliveries }) => html`
        ${
          endpoints.length === 0
            ? html`<p class="empty">${t.noEndpoints}</p>`
            : html`<ul class="cards">
                ${endpoints.map((endpoint) => html`<li class="card">${this.#endpoint(endpoint, mayChange)}</li>`)}
              </ul>`
        }
        <section>
          <h2>${t.deliveries}</h2>
          ${
            deliveries.length === 0
              ? html`<p class="empty">${t.noDeliveries}</p>`
              : html`<ul class="cards">
                  ${deliveries.map((delivery) => html`<li class="card">${this.#delivery(delivery, mayChange)}</li>`)}
                </ul>`
          }
        </section>
      `,
    )}`;
  }

  #endpoint(endpoint: EndpointView, mayChange: boolean): TemplateResult {
    const { t, format } = this.app;
    const isOn = endpoint.status === "enabled";
    const path = `/webhook-endpoints/${encodeURIComponent(endpoint.id)}`;
    return html`<p>
        <code>${endpoint.url}</code> <span class=${isOn ? "state good" : "state warm"}>${isOn ? t.enabled : t.disabled}</span>
      </p>
      ${endpoint.failingSince === undefined ? nothing : html`<p class="error">${t.failingSince(format.moment(endpoint.failingSince))} <bdi>${endpoint.lastFailure ?? ""}</bdi></p>`}
      ${
        mayChange
          ? html`<div class="buttons">
              <button
                class="framed"
                @click=${() => void this.#do(t.sendTest, t.sendTestText, () => this.app.client.api("POST", `${path}/test`))}
              >
                ${t.sendTest}
              </button>
              <button class="framed" @click=${() => void this.#rotate(path)}>${t.rotateSecret}</button>
              <button
                class="framed"
                @click=${() => void this.#do(isOn ? t.disable : t.enable, isOn ? t.disableText : t.enableText, () => this.app.client.api("PATCH", path, { status: isOn ? "disabled" : "enabled" }))}
              >
                ${isOn ? t.disable : t.enable}
              </button>
              <button
                class="framed"
                @click=${() => void this.#do(t.remove, t.removeEndpointText, () => this.app.client.api("DELETE", path))}
              >
                ${t.remove}
              </button>
            </div>`
          : nothing
      }`;
  }

  #delivery(delivery: DeliveryView, mayChange: boolean): TemplateResult {
    const { t, format } = this.app;
    const isGood = delivery.status === "delivered";
    return html`<p>
        <code>${delivery.type}</code> · ${format.moment(delivery.createdAt)}
        <span class=${isGood ? "state good" : delivery.status === "failed" ? "state warm" : "state"}
          >${t.deliveryStates[delivery.status]}</span
        >
      </p>
      <p class="muted">
        ${t.tries(delivery.tries)}${delivery.lastProblem === undefined ? nothing : [" · ", html`<bdi>${delivery.lastProblem}</bdi>`]}
      </p>
      ${
        delivery.lastAnswer === undefined || delivery.lastAnswer === ""
          ? nothing
          : html`<details>
              <summary>${t.answerOf(delivery.lastStatus ?? 0)}</summary>
              <pre tabindex="0">${delivery.lastAnswer}</pre>
            </details>`
      }
      ${
        mayChange
          ? html`<button
              class="framed"
              @click=${() => void this.#do(t.redeliver, t.redeliverText, () => this.app.client.api("POST", `/webhook-deliveries/${encodeURIComponent(delivery.id)}/redeliver`))}
            >
              ${t.redeliver}
            </button>`
          : nothing
      }`;
  }

  async #add(): Promise<void> {
    const { t, client } = this.app;
    await this.#do(
      t.addEndpoint,
      t.addEndpointText,
      async ({ url }) => this.#keep(await client.api<{ secret: string }>("POST", "/webhook-endpoints", { url })),
      [{ name: "url", label: t.address, kind: "url" as const }],
    );
  }

  async #rotate(path: string): Promise<void> {
    const { t, client } = this.app;
    await this.#do(t.rotateSecret, t.rotateSecretText, async () =>
      this.#keep(await client.api<{ secret: string }>("POST", `${path}/rotate-secret`)),
    );
  }

  #keep({ secret }: { secret: string }): void {
    this.#secret = secret;
  }

  async #do(
    title: string,
    consequence: string,
    run: (values: Record<string, string>) => Promise<unknown>,
    fields: readonly { name: string; label: string; kind: "url" }[] = [],
  ): Promise<void> {
    if (!(await this.app.ask({ title, consequence, fields, action: title, run }))) return;
    this.app.say(this.app.t.done(title));
    await this.#read.reload();
  }
}

customElements.define("webhook-settings", WebhookSettings);
