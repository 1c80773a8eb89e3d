/** The little that this element needs of a reactive base class; Lit's own is larger than all screens together. */
export abstract class ReactiveElement extends HTMLElement {
  readonly renderRoot: ShadowRoot = this.attachShadow({ mode: "open" });
  /** Resolves when what has changed is on the screen. */
  updateComplete: Promise<void> = Promise.resolve();
  private readonly values: Record<string, unknown> = {};
  private pending = false;

  /** Renders once for any number of changes in one turn. */
  requestUpdate(): void {
    if (this.pending || !this.isConnected) return;
    this.pending = true;
    this.updateComplete = Promise.resolve().then(() => {
      this.pending = false;
      if (this.isConnected) this.update();
    });
  }

  connectedCallback(): void {
    this.requestUpdate();
  }

  protected abstract update(): void;

  /** Makes each name a property that renders when it changes, with these values to begin with, and in place of `null` and `undefined`. */
  protected define(defaults: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(defaults)) {
      // A page may have set it before this class was there.
      const early = Object.getOwnPropertyDescriptor(this, name);
      this.values[name] = early?.value ?? value;
      Object.defineProperty(this, name, {
        get: () => this.values[name],
        set: (given: unknown) => {
          const wanted = given ?? value;
          if (wanted === this.values[name]) return;
          this.values[name] = wanted;
          this.requestUpdate();
        },
        configurable: true,
        enumerable: true,
      });
    }
  }
}
