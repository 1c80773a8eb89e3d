const STATE = "somopay";

/** Keeps a dialog, the page behind it, the focus and the browser's back button together. */
export class DialogKeeper {
  private readonly root: ShadowRoot;
  private readonly close: () => void;
  private overflow: [x: string, y: string] = ["", ""];
  private isOpen = false;

  constructor(root: ShadowRoot, close: () => void) {
    this.root = root;
    this.close = close;
  }

  open(): void {
    const dialog = this.root.querySelector("dialog");
    if (!dialog || this.isOpen) return;
    this.isOpen = true;
    dialog.showModal();
    this.root.querySelector<HTMLElement>("#title")?.focus();
    const { style } = document.documentElement;
    // A page may have set only one of the two.
    this.overflow = [style.overflowX, style.overflowY];
    style.overflow = "hidden";
    // One step for "back" to undo, which is there already after a reload. What the page itself keeps in its state stays there.
    if (!hasStep()) history.pushState({ ...(history.state as object | null), [STATE]: true }, "");
    addEventListener("popstate", this.close);
  }

  closed(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    removeEventListener("popstate", this.close);
    const { style } = document.documentElement;
    [style.overflowX, style.overflowY] = this.overflow;
    this.root.querySelector("dialog")?.close();
    this.root.querySelector<HTMLElement>("[part=trigger]")?.focus();
    if (hasStep()) history.back();
  }
}

function hasStep(): boolean {
  const state: unknown = history.state;
  return typeof state === "object" && state !== null && STATE in state;
}
