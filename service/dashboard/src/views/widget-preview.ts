import { html, LitElement, type PropertyDeclarations, type TemplateResult } from "lit";
import type { SiteSettings } from "../api/types.ts";
import type { Language } from "../labels/labels.ts";

export type Look = { code: string; theme: "auto" | "light" | "dark"; accent: string | null; language: Language };

/** The widget as a parent sees it. It is inert: nobody books or pays by looking. */
class WidgetPreview extends LitElement {
  static override readonly properties: PropertyDeclarations = { site: { attribute: false }, look: { attribute: false } };
  declare site: SiteSettings;
  declare look: Look;

  override connectedCallback(): void {
    super.connectedCallback();
    if (customElements.get("somo-pay")) return;
    const script = document.createElement("script");
    script.src = "/widget.js";
    document.head.append(script);
  }

  protected override createRenderRoot(): this {
    return this;
  }

  protected override render(): TemplateResult {
    return html`<div class=${`preview ${this.look.theme}`} inert></div>`;
  }

  /** A new element for each look: that is what a page does too, which reads its attributes once. */
  protected override updated(): void {
    const { code, theme, accent, language } = this.look;
    const widget = document.createElement("somo-pay");
    widget.setAttribute("site-key", this.site.publishableKey);
    widget.setAttribute("session-type", code);
    widget.setAttribute("merchant", this.site.name);
    widget.lang = language;
    if (theme !== "auto") widget.setAttribute("theme", theme);
    if (accent !== null) widget.style.setProperty("--somo-pay-accent", accent);
    this.querySelector(".preview")?.replaceChildren(widget);
  }
}

customElements.define("widget-preview", WidgetPreview);
