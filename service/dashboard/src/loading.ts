import type { ReactiveController, ReactiveControllerHost } from "lit";
import { ApiError } from "./api/client.ts";

/** What a page reads: the last answer, or why there is none. What was read stays visible while it is read again. */
export class Loading<Data> implements ReactiveController {
  data: Data | null = null;
  error: ApiError | null = null;
  readonly #host: ReactiveControllerHost;
  readonly #read: () => Promise<Data>;
  #latest = 0;
  #isWanted = false;
  readonly #beginsItself: boolean;

  /** @param beginsItself false: only `reload` reads. Default: it reads when its page appears. */
  constructor(host: ReactiveControllerHost, read: () => Promise<Data>, { beginsItself = true } = {}) {
    this.#host = host;
    this.#read = read;
    this.#beginsItself = beginsItself;
    host.addController(this);
  }

  hostConnected(): void {
    this.#isWanted = this.#beginsItself;
    this.#host.requestUpdate();
  }

  /** Not before: an element whose class was fetched later than it stood in the page has its properties only now. */
  hostUpdate(): void {
    if (!this.#isWanted) return;
    this.#isWanted = false;
    void this.reload();
  }

  async reload(): Promise<void> {
    const mine = ++this.#latest;
    try {
      const data = await this.#read();
      if (mine !== this.#latest) return;
      this.data = data;
      this.error = null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === this.#latest) this.error = error;
    }
    this.#host.requestUpdate();
  }
}
