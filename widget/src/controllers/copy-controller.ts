import type { ReactiveController, ReactiveControllerHost } from "lit";

/** How long a copy button says "Copied". */
const COPIED_MS = 2_000;

export interface Copying {
  /** The name of what has just been copied. */
  readonly copied: string | undefined;
  /** `name` tells what the text is. */
  copy(name: string, text: string): Promise<void>;
}

/** Copies, and knows for a moment what was copied. */
export class CopyController implements ReactiveController, Copying {
  copied: string | undefined;
  readonly #host: ReactiveControllerHost;
  readonly #onChange: (copied: string | undefined) => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(host: ReactiveControllerHost, onChange: (copied: string | undefined) => void) {
    this.#host = host;
    this.#onChange = onChange;
    host.addController(this);
  }

  async copy(name: string, text: string): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return; // The browser does not allow it; the text stands there to be copied by hand.
    }
    this.#set(name);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#set(undefined), COPIED_MS);
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer);
    this.copied = undefined;
  }

  #set(copied: string | undefined): void {
    this.copied = copied;
    this.#onChange(copied);
    this.#host.requestUpdate();
  }
}
