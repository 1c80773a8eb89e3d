import { bookingViewSchema, type BookingView } from "../../service/src/contract.ts";
import type { SseResponse } from "../../service/src/platform/sse.ts";
import type { Copy } from "./place.ts";
import type { OpenTab, World } from "./world.ts";

/** The browsers' default, when the server names no other time. */
const RECONNECT_MS = 2_000;

const MOST_CUTS = 8;

/** A parent's browser tab: an EventSource on a booking's stream, which reconnects whenever its connection is cut. */
export class Tab implements OpenTab {
  readonly bookingId: string;
  view: BookingView | null = null;
  readonly #world: World;
  #connection: Connection | null = null;
  #isClosed = false;
  #cuts = 0;

  constructor(world: World, bookingId: string) {
    this.#world = world;
    this.bookingId = bookingId;
    this.#connect();
  }

  get version(): number {
    return this.view?.version ?? 0;
  }

  get connection(): object | null {
    return this.#connection;
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.hangUp();
    this.#connection = null;
    this.#world.tabs.delete(this);
  }

  #connect(): void {
    const copy = this.#world.pickCopy();
    if (!copy) return this.#comeBack();
    const connection = new Connection(copy, this.#world, {
      onEvent: (id, data) => this.#see(id, data),
      onEnd: (isOver) => {
        if (this.#connection !== connection) return;
        this.#connection = null;
        if (isOver) this.close();
        else this.#comeBack();
      },
    });
    this.#connection = connection;
    const { random, scheduler } = this.#world;
    // At first the phone moves and loses its connection; later it stays connected.
    if (this.#cuts < MOST_CUTS && random.chance(0.6)) {
      this.#cuts += 1;
      scheduler.after(random.between(200, 12_000), () => connection.hangUp());
    }
    connection.open(this.bookingId, this.view?.version ?? null);
  }

  #comeBack(): void {
    this.#world.scheduler.after(RECONNECT_MS, () => {
      if (!this.#isClosed) this.#connect();
    });
  }

  #see(id: number, data: string): void {
    const { story, scheduler } = this.#world;
    const parsed = bookingViewSchema.safeParse(JSON.parse(data));
    if (!parsed.success) return this.#world.fail(`a stream carries BookingViews: ${parsed.error.message}`, this.bookingId);
    const view = parsed.data;
    story?.say(scheduler.nowMs, "tab", `shows version ${view.version}: ${view.payment?.status ?? "no payment"}`, this.bookingId);
    if (view.version !== id || id <= this.version) this.#world.fail("a stream shows each version once, in order", this.bookingId);
    this.#checkFacts(view);
    this.view = view;
  }

  /** What was paid and what is booked, kept apart. */
  #checkFacts(view: BookingView): void {
    const { tables } = this.#world;
    const gaveMoneyBack = view.amountPaid < (this.view?.amountPaid ?? 0);
    const unpaid = this.view?.payment_status === "paid" && view.payment_status !== "paid";
    if (unpaid && !gaveMoneyBack) this.#world.fail("money that was shown stays shown", this.bookingId);
    if ((view.payment_status === "paid") !== view.amountPaid >= view.amount)
      this.#world.fail("no view says paid without the full amount", this.bookingId);
    const hasSession = [...tables.sessions.values()].some(({ bookingId }) => bookingId === this.bookingId);
    if (view.booking_status === "booked" && !hasSession) this.#world.fail("no view says booked without a session", this.bookingId);
  }
}

type Listeners = { onEvent(id: number, data: string): void; onEnd(isOver: boolean): void };

/** One HTTP response, for the server and the browser. Ends when the server ends it, its copy dies, or the browser hangs up. */
class Connection implements SseResponse {
  readonly socket = null;
  readonly writableLength = 0;
  destroyed = false;
  readonly #copy: Copy;
  readonly #world: World;
  readonly #listeners: Listeners;
  readonly #onClose: (() => void)[] = [];
  readonly #forgetDeath: () => void;
  #status = 0;

  constructor(copy: Copy, world: World, listeners: Listeners) {
    this.#copy = copy;
    this.#world = world;
    this.#listeners = listeners;
    this.#forgetDeath = copy.life.onDeath(() => this.#cut(false));
  }

  open(bookingId: string, lastSeen: number | null): void {
    this.#world.scheduler.after(this.#world.random.between(1, 100), () => {
      if (this.destroyed) return;
      // In the service the error handler would answer; the browser sees the connection end.
      this.#copy.watch(bookingId, lastSeen, this).catch(() => this.#cut(false));
    });
  }

  hangUp(): void {
    this.#cut(false);
  }

  status(code: number): void {
    this.#status = code;
  }

  set(): void {}

  getHeaderNames(): string[] {
    return [];
  }

  removeHeader(): void {}

  write(text: string): void {
    if (this.destroyed) return;
    const event = /^id: (\d+)\ndata: (.*)\n\n$/.exec(text);
    if (event) this.#listeners.onEvent(Number(event[1]), event[2] ?? "");
  }

  end(): void {
    this.#cut(this.#status === 204);
  }

  destroy(): void {
    this.#cut(false);
  }

  on(_event: "close", listener: () => void): void {
    this.#onClose.push(listener);
  }

  #cut(isOver: boolean): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#forgetDeath();
    if (this.#copy.life.alive) for (const listener of this.#onClose) listener();
    this.#listeners.onEnd(isOver);
  }
}
