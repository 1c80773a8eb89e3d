import type { ReactiveController, ReactiveControllerHost } from "lit";

interface HeightHost extends ReactiveControllerHost, HTMLElement {}

const CHANGE_MS = 180;
/** A finger that rests longer is not about to press. */
const HOLD_MAX_MS = 1_500;

/**
 * The card has its natural height. When another screen is higher or lower, the change is seen as one: its top stays where it is, and what is below
 * glides. While a finger is down nothing changes under it.
 */
export class HeightController implements ReactiveController {
  readonly #host: HeightHost;
  #before = 0;
  #release: (() => void) | undefined;
  #held: Promise<void> | undefined;
  #holdTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: HeightHost) {
    this.#host = host;
    host.addController(this);
  }

  /** Pending while a finger is down. */
  get held(): Promise<void> | undefined {
    return this.#held;
  }

  hostConnected(): void {
    this.#host.addEventListener("pointerdown", this.#hold);
    for (const type of ["pointerup", "pointercancel"]) addEventListener(type, this.#letGo, { capture: true });
  }

  hostDisconnected(): void {
    this.#host.removeEventListener("pointerdown", this.#hold);
    for (const type of ["pointerup", "pointercancel"]) removeEventListener(type, this.#letGo, { capture: true });
    this.#letGo();
  }

  hostUpdate(): void {
    // Nobody reads a skeleton.
    this.#before = this.#host.shadowRoot?.querySelector(".skeleton") ? 0 : (this.#card?.offsetHeight ?? 0);
  }

  hostUpdated(): void {
    const card = this.#card;
    const height = card?.offsetHeight ?? 0;
    if (!card || !this.#before || height === this.#before || matchMedia("(prefers-reduced-motion)").matches) return;
    card.animate(
      [
        { height: `${this.#before}px`, overflow: "clip" },
        { height: `${height}px`, overflow: "clip" },
      ],
      {
        duration: CHANGE_MS,
        easing: "ease-out",
      },
    );
  }

  get #card(): HTMLElement | null | undefined {
    return this.#host.shadowRoot?.querySelector<HTMLElement>(".card");
  }

  readonly #hold = (): void => {
    if (this.#held) return;
    this.#held = new Promise((resolve) => {
      this.#release = resolve;
      this.#holdTimer = setTimeout(this.#letGo, HOLD_MAX_MS);
    });
  };

  /** After the click that follows, which belongs to what was pressed. */
  readonly #letGo = (): void => {
    const release = this.#release;
    clearTimeout(this.#holdTimer);
    if (release)
      setTimeout(() => {
        this.#held = this.#release = undefined;
        release();
      });
  };
}
