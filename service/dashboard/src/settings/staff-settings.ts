import { html, nothing, type TemplateResult } from "lit";
import type { InvitedStaffView, Role, StaffView } from "../api/types.ts";
import { copyable } from "../views/copyable.ts";
import { Loading } from "../loading.ts";
import { Page } from "../page.ts";

const roles: readonly Role[] = ["viewer", "manager", "owner"];

/** Who works on this site, and what each may do. */
class StaffSettings extends Page {
  #link: string | null = null;
  readonly #staff = new Loading(this, () => this.app.client.api<{ data: StaffView[] }>("GET", "/staff"));

  protected override render(): TemplateResult {
    const { t, format } = this.app;
    const mayChange = this.app.may("owner");
    return html`${mayChange ? html`<p><button class="primary" @click=${() => void this.#invite()}>${t.invite}</button></p>` : nothing}
    ${
      this.#link === null
        ? nothing
        : html`<div class="notice secret" role="status">
            <p>${t.linkOnce}</p>
            ${copyable(this.app, this.#link)}
          </div>`
    }
    ${this.shown(
      this.#staff,
      ({ data }) =>
        html`<ul class="cards">
          ${data.map(
            (person) =>
              html`<li class="card">
                <p>
                  <strong><bdi>${person.name ?? person.email}</bdi></strong> <span class="state">${t.roles[person.role]}</span>
                </p>
                <p class="muted">
                  <bdi>${person.email}</bdi> ·
                  ${person.invited ? t.invited : person.lastSeenAt === null ? t.neverSeen : t.lastSeen(format.moment(person.lastSeenAt))}
                </p>
                ${
                  mayChange
                    ? html`<div class="buttons">
                        <button class="framed" @click=${() => void this.#change(person)}>${t.changeRole}</button>
                        <button class="framed" @click=${() => void this.#remove(person)}>${t.remove}</button>
                      </div>`
                    : nothing
                }
              </li>`,
          )}
        </ul>`,
    )}`;
  }

  async #invite(): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.invite,
      consequence: t.inviteText,
      fields: [{ name: "email", label: t.email, kind: "email" }, this.#roleField("manager")],
      action: t.invite,
      run: async (values) => {
        this.#link = (await client.api<InvitedStaffView>("POST", "/staff", values)).link;
      },
    });
    if (wasDone) await this.#staff.reload();
  }

  async #change({ id, role }: StaffView): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.changeRole,
      consequence: t.rolesText,
      fields: [this.#roleField(role)],
      action: t.save,
      run: (values) => client.api("PATCH", `/staff/${encodeURIComponent(id)}`, values),
    });
    if (wasDone) await this.#staff.reload();
  }

  async #remove({ id, name, email }: StaffView): Promise<void> {
    const { t, client } = this.app;
    const wasDone = await this.app.ask({
      title: t.remove,
      consequence: t.removeStaffText(name ?? email),
      action: t.remove,
      isGrave: true,
      run: () => client.api("DELETE", `/staff/${encodeURIComponent(id)}`),
    });
    if (wasDone) await this.#staff.reload();
  }

  #roleField(value: Role) {
    const { t } = this.app;
    return {
      name: "role",
      label: t.role,
      value,
      choices: roles.map((role) => ({ value: role, label: `${t.roles[role]}: ${t.roleTexts[role]}` })),
    };
  }
}

customElements.define("staff-settings", StaffSettings);
