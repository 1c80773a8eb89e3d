import type { ReactiveController, ReactiveControllerHost } from "lit";
import { ApiError } from "./api/client.ts";

const nothingElse = (): null => null;

/** What a page reads: the last answer, or why there is none. What was read stays visible while it is read again. */
export class Loading<Data> implements ReactiveController {
  data: Data | null = null;
  error: ApiError | null = null;
  readonly #host: ReactiveControllerHost;
  readonly #read: () => Promise<Data>;
  #latest = 0;
  #isWanted = false;
  readonly #beginsItself: boolean;
  readonly #keyOf: () => unknown;
  #readKey: unknown;

  /**
   * @param beginsItself false: only `reload` reads. Default: it reads when its page appears.
   * @param keyOf on what the answer depends: once that is another, it is read again. Default: on nothing
   */
  constructor(
    host: ReactiveControllerHost,
    read: () => Promise<Data>,
    { beginsItself = true, keyOf = nothingElse }: { beginsItself?: boolean; keyOf?: () => unknown } = {},
  ) {
    this.#host = host;
    this.#read = read;
    this.#beginsItself = beginsItself;
    this.#keyOf = keyOf;
    host.addController(this);
  }

  hostConnected(): void {
    this.#isWanted = this.#beginsItself;
    this.#host.requestUpdate();
  }

  /** Not before: an element whose class was fetched later than it stood in the page has its properties only now. */
  hostUpdate(): void {
    const isStale = this.data !== null && this.#keyOf() !== this.#readKey;
    if (!this.#isWanted && !isStale) return;
    this.#isWanted = false;
    void this.reload();
  }

  async reload(): Promise<void> {
    const mine = ++this.#latest;
    this.#readKey = this.#keyOf();
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
