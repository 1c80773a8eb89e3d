/** Events inside the simulator, for the phone page (over SSE) and for tests that wait. */
import type { Conversation } from "./conversation.ts";
import type { Delivery } from "./delivery.ts";
import type { LedgerEntry } from "./ledger.ts";
import type { PromptView } from "./prompt.ts";
import type { Cancel, Scheduler } from "./scheduler.ts";

export type SimulatorEvent =
  | { type: "push_accepted"; phone: string; prompt: PromptView }
  | { type: "prompt_opened"; phone: string; prompt: PromptView }
  | { type: "prompt_closed"; phone: string; prompt: PromptView }
  | { type: "phone_changed"; phone: string }
  | { type: "money_moved"; phone: string; entry: LedgerEntry }
  | { type: "money_reversed"; phone: string; entry: LedgerEntry }
  | { type: "conversation_began"; conversation: Conversation }
  | { type: "delivery"; phone?: string | undefined; delivery: Delivery }
  | { type: "settings_changed" }
  | { type: "reset" };

export type Listener = (event: SimulatorEvent) => void;

export class SimulatorEvents {
  readonly #listeners = new Set<Listener>();
  readonly #waits = new Set<(reason: Error) => void>();
  readonly #scheduler: Scheduler;
  #stopped = false;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
  }

  emit(event: SimulatorEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  listen(listener: Listener): Cancel {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Resolves with what `look` finds, now or after one of the next events. Rejects after `timeoutMs`.
   * @param what what is waited for, for the error's text
   */
  waitUntil<T>(what: string, timeoutMs: number, look: () => T | undefined): Promise<T> {
    return this.wait(what, timeoutMs, (resolve) => {
      const attempt = () => {
        const found = look();
        if (found !== undefined) resolve(found);
      };
      attempt();
      return this.listen(attempt);
    });
  }

  /** A promise that always settles: `begin` resolves it; it rejects after `timeoutMs`, by a reset, or when the simulator stops. */
  wait<T>(what: string, timeoutMs: number, begin: (resolve: (value: T) => void) => Cancel): Promise<T> {
    if (this.#stopped) return Promise.reject(new Error(`Waited for ${what}, but the simulator has stopped.`));
    return new Promise<T>((resolve, reject) => {
      let ended = false;
      const cancels: Cancel[] = [];
      const end = () => {
        ended = true;
        for (const cancel of cancels) cancel();
        this.#waits.delete(fail);
      };
      const fail = (reason: Error) => {
        end();
        reject(reason);
      };
      this.#waits.add(fail);
      cancels.push(this.#scheduler.after(timeoutMs, () => fail(new Error(`Timed out after ${timeoutMs} ms waiting for ${what}.`))));
      const cancelBegin = begin((value) => {
        end();
        resolve(value);
      });
      // `begin` may have resolved the promise before it returned its cancel function.
      if (ended) cancelBegin();
      else cancels.push(cancelBegin);
    });
  }

  /** Rejects all waits. */
  endWaits(why: string): void {
    for (const fail of this.#waits) fail(new Error(`Waited, but ${why}.`));
  }

  stop(): void {
    this.#stopped = true;
    this.endWaits("the simulator has stopped");
    this.#listeners.clear();
  }
}
