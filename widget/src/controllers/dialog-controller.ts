import type { ReactiveController, ReactiveControllerHost } from "lit";
import { SomoPayCloseEvent, SomoPayOpenEvent } from "../events.ts";
import { leaveStep, makeStep, undoStep } from "../internal/history-step.ts";

interface DialogHost extends ReactiveControllerHost, HTMLElement {
  readonly mode: "inline" | "button" | "link";
}

/** Keeps a dialog, the page behind it, the focus and the browser's back button together. */
export class DialogController implements ReactiveController {
  isOpen = false;
  readonly #host: DialogHost;
  #overflow: [x: string, y: string] = ["", ""];

  constructor(host: DialogHost) {
    this.#host = host;
    host.addController(this);
  }

  async open(): Promise<void> {
    const host = this.#host;
    if (this.isOpen || host.mode === "inline" || !host.isConnected) return;
    this.isOpen = true;
    host.requestUpdate();
    await host.updateComplete;
    const root = host.shadowRoot;
    const dialog = root?.querySelector("dialog");
    if (!this.isOpen || !dialog || dialog.open) return;
    dialog.showModal();
    root?.querySelector<HTMLElement>("#title")?.focus();
    const { style } = document.documentElement;
    // A page may have set only one of the two.
    this.#overflow = [style.overflowX, style.overflowY];
    style.overflow = "hidden";
    makeStep();
    addEventListener("popstate", this.close);
    host.dispatchEvent(new SomoPayOpenEvent());
  }

  readonly close = (): void => {
    if (!this.isOpen) return;
    this.isOpen = false;
    removeEventListener("popstate", this.close);
    const { style } = document.documentElement;
    [style.overflowX, style.overflowY] = this.#overflow;
    const root = this.#host.shadowRoot;
    root?.querySelector("dialog")?.close();
    root?.querySelector<HTMLElement>("[part=trigger]")?.focus();
    this.#host.dispatchEvent(new SomoPayCloseEvent());
    this.#host.requestUpdate();
    // A page that leaves when the dialog closes has then made a step of its own, which must not be taken back.
    setTimeout(() => {
      if (!this.isOpen && this.#host.isConnected) undoStep();
    });
  };

  /** A page may choose the mode anew, as when a phone is turned. */
  hostUpdate(): void {
    if (this.#host.mode === "inline") this.close();
  }

  /** The page takes the element away, perhaps on its way to another page. */
  hostDisconnected(): void {
    if (!this.isOpen) return;
    this.close();
    leaveStep();
  }
}
