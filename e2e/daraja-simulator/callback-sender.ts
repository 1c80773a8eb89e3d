/** Sends callbacks, results and C2B notices to the merchant, and keeps a record of every attempt. */
import { Agent, request } from "undici";
import type { Delivery, OutgoingCallback } from "./delivery.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimulatorEvents } from "./simulator-events.ts";

/** Enough for the fault tests; more would only queue in the kernel. */
const CONNECTIONS_PER_SITE = 256;
/** Shorter than any server's own limit, so that no callback uses a connection that the server has just closed. */
const KEEP_ALIVE_MS = 1_000;
/** Longer answers are shortened in the record. */
const ANSWER_KEPT_CHARACTERS = 1_000;

export interface DeliveryPlan {
  delayMs: number;
  copies: number;
  copyGapMs: number;
  lost: boolean;
  redeliveries: number;
  timeoutMs: number;
}

export interface CallbackSenderDeps {
  scheduler: Scheduler;
  events: SimulatorEvents;
  now: () => number;
}

export class CallbackSender {
  #deliveries: Delivery[] = [];
  /** By CheckoutRequestID and by ConversationID, whose forms differ. */
  readonly #byId = new Map<string, Delivery[]>();
  readonly #agent = new Agent({ connections: CONNECTIONS_PER_SITE, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS });
  readonly #deps: CallbackSenderDeps;
  #lastId = 0;

  constructor(deps: CallbackSenderDeps) {
    this.#deps = deps;
  }

  /** Delivers later, as planned. Nobody waits for the answer. */
  send(callback: OutgoingCallback, plan: DeliveryPlan): void {
    const { scheduler } = this.#deps;
    if (plan.lost) {
      scheduler.work(plan.delayMs, () =>
        this.#record({ ...callback, id: ++this.#lastId, outcome: "lost", startedAt: this.#deps.now(), durationMs: 0 }),
      );
      return;
    }
    for (let copy = 0; copy < plan.copies; copy++) {
      scheduler.work(plan.delayMs + copy * plan.copyGapMs, async () => {
        for (let tries = 0; tries <= plan.redeliveries; tries++) {
          const delivery = await this.call(callback, plan.timeoutMs);
          if (delivery.status !== undefined && delivery.status < 500) return;
        }
      });
    }
  }

  /** Delivers now, once. Never rejects: the record has the error. */
  async call(callback: OutgoingCallback, timeoutMs: number): Promise<Delivery> {
    const { scheduler, now } = this.#deps;
    const epoch = scheduler.epoch;
    const startedAt = now();
    const id = ++this.#lastId;
    const begun = performance.now();
    const took = () => Math.round((performance.now() - begun) * 100) / 100;
    let delivery: Delivery;
    try {
      const { status, answer } = await this.#post(callback, timeoutMs);
      delivery = {
        ...callback,
        id,
        outcome: "answered",
        status,
        answer: answer.slice(0, ANSWER_KEPT_CHARACTERS),
        startedAt,
        durationMs: took(),
      };
    } catch (cause) {
      const error = cause instanceof Error ? cause.message || cause.name : String(cause);
      delivery = { ...callback, id, outcome: "no_answer", error, startedAt, durationMs: took() };
    }
    if (epoch === scheduler.epoch) this.#record(delivery);
    return delivery;
  }

  /** All attempts, in the order in which they ended. */
  get deliveries(): readonly Delivery[] {
    return this.#deliveries;
  }

  /** @param id a CheckoutRequestID or a ConversationID */
  of(id: string): readonly Delivery[] {
    return this.#byId.get(id) ?? [];
  }

  clear(): void {
    this.#deliveries = [];
    this.#byId.clear();
  }

  async stop(): Promise<void> {
    await this.#agent.destroy();
  }

  async #post(callback: OutgoingCallback, timeoutMs: number): Promise<{ status: number; answer: string }> {
    const answer = await request(callback.url, {
      method: "POST",
      dispatcher: this.#agent,
      headers: { "Content-Type": "application/json;charset=UTF-8", Businessshortcode: callback.shortcode },
      body: callback.body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    });
    return { status: answer.statusCode, answer: await answer.body.text() };
  }

  #record(delivery: Delivery): void {
    this.#deliveries.push(delivery);
    const id = delivery.checkoutRequestId ?? delivery.conversationId;
    if (id !== undefined) {
      const known = this.#byId.get(id);
      if (known === undefined) this.#byId.set(id, [delivery]);
      else known.push(delivery);
    }
    this.#deps.events.emit({ type: "delivery", phone: delivery.phone, delivery });
  }
}
