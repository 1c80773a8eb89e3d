import type { ReactiveController, ReactiveControllerHost } from "lit";
import { SomoPayCloseEvent, SomoPayOpenEvent } from "../events.ts";

interface DialogHost extends ReactiveControllerHost, HTMLElement {
  readonly mode: "inline" | "button" | "link";
}

const STATE = "somopay";

/** Keeps a dialog, the page behind it, the focus and the browser's back button together. */
export class DialogController implements ReactiveController {
  isOpen = false;
  private readonly host: DialogHost;
  private overflow: [x: string, y: string] = ["", ""];

  constructor(host: DialogHost) {
    this.host = host;
    host.addController(this);
  }

  async open(): Promise<void> {
    const { host } = this;
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
    this.overflow = [style.overflowX, style.overflowY];
    style.overflow = "hidden";
    // One step for "back" to undo, which is there already after a reload. What the page itself keeps in its state stays there.
    if (!hasStep()) history.pushState({ ...(history.state as object | null), [STATE]: true }, "");
    addEventListener("popstate", this.close);
    host.dispatchEvent(new SomoPayOpenEvent());
  }

  readonly close = (): void => {
    if (!this.isOpen) return;
    this.isOpen = false;
    removeEventListener("popstate", this.close);
    const { style } = document.documentElement;
    [style.overflowX, style.overflowY] = this.overflow;
    const root = this.host.shadowRoot;
    root?.querySelector("dialog")?.close();
    root?.querySelector<HTMLElement>("[part=trigger]")?.focus();
    if (hasStep()) history.back();
    this.host.dispatchEvent(new SomoPayCloseEvent());
    this.host.requestUpdate();
  };

  /** A page may choose the mode anew, as when a phone is turned. */
  hostUpdate(): void {
    if (this.host.mode === "inline") this.close();
  }

  hostDisconnected(): void {
    this.close();
  }
}

function hasStep(): boolean {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && STATE in state;
}
