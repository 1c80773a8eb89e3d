import { html, type TemplateResult } from "lit";
import type { App } from "../app.ts";

/** Text to paste somewhere else, with a button that copies it. */
export function copyable({ t, say }: App, text: string): TemplateResult {
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    say(t.copied);
  };
  return html`<div class="copyable">
    <pre tabindex="0"><code>${text}</code></pre>
    <button class="framed" @click=${() => void copy()}>${t.copy}</button>
  </div>`;
}
