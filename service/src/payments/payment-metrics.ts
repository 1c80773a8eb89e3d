import { Counter, Histogram, type Registry } from "prom-client";
import type { Attempt, EventSource } from "./payment.ts";

export type PaymentMetrics = {
  stepped(attempt: Attempt, source: EventSource, nowMs: number): void;
  pushed(kind: string, tookMs: number): void;
  callbackProcessed(verdict: string, delayMs: number): void;
  /** How long Safaricom took to report a payment, by its own clock and to the second. */
  callbackDelayed(delayMs: number): void;
  /** Processing failed for another reason than the callback's own content. */
  callbackRetried(): void;
  /** It came in on none of our secret addresses. */
  strangersCallback(): void;
  /** It came in on one of our secret addresses, from an address that is not Safaricom's. */
  callbackFromElsewhere(): void;
  callbackStored(where: "database" | "journal"): void;
  queried(kind: string): void;
  refusedStart(limit: "phone" | "address" | "site"): void;
  codeChecked(status: string): void;
  /** Erased or deleted because of its age. */
  pruned(what: "callbacks" | "bookings", count: number): void;
  refunded(status: "done" | "failed" | "unknown"): void;
};

/** The numbers that an operator watches; docs/operating.md explains them. */
export function createPaymentMetrics(registry: Registry): PaymentMetrics {
  const registers = [registry];
  const steps = new Counter({
    name: "somopay_payment_steps_total",
    help: "Steps of payment attempts, by the status they led to, the reason and who reported it.",
    labelNames: ["status", "reason", "source"],
    registers,
  });
  const settleSeconds = new Histogram({
    name: "somopay_payment_settle_seconds",
    help: "From the parent's request to the first outcome.",
    buckets: [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 3_600],
    registers,
  });
  const pushSeconds = new Histogram({
    name: "somopay_push_seconds",
    help: "How long Safaricom took to answer a push, by kind of answer.",
    labelNames: ["answer"],
    buckets: [0.1, 0.25, 0.5, 1, 2, 4, 6, 9],
    registers,
  });
  const callbacks = new Counter({
    name: "somopay_callbacks_total",
    help: "Callbacks processed, by verdict.",
    labelNames: ["verdict"],
    registers,
  });
  const retried = new Counter({
    name: "somopay_callback_retries_total",
    help: "Callbacks whose processing failed and is tried again.",
    registers,
  });
  const strangers = new Counter({
    name: "somopay_strangers_callbacks_total",
    help: "Callbacks that came in on none of our secret addresses.",
    registers,
  });
  const fromElsewhere = new Counter({
    name: "somopay_callbacks_from_elsewhere_total",
    help: "Callbacks on one of our secret addresses whose caller's address is not one of Safaricom's, or of MPESA_CALLBACK_IPS.",
    registers,
  });
  const stored = new Counter({
    name: "somopay_callbacks_stored_total",
    help: "Callbacks stored durably, by place.",
    labelNames: ["where"],
    registers,
  });
  const readSeconds = new Histogram({
    name: "somopay_callback_processing_seconds",
    help: "From a callback's arrival to the end of its processing.",
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5, 60],
    registers,
  });
  const delaySeconds = new Histogram({
    name: "somopay_callback_delay_seconds",
    help: "From the payment's time on M-Pesa's clock to the arrival of its callback.",
    buckets: [1, 2, 5, 10, 30, 60, 300, 3_600, 86_400],
    registers,
  });
  const queries = new Counter({
    name: "somopay_status_queries_total",
    help: "Status queries to Safaricom, by kind of answer.",
    labelNames: ["answer"],
    registers,
  });
  const limited = new Counter({
    name: "somopay_starts_refused_total",
    help: "Payments not started because a rate limit was reached.",
    labelNames: ["limit"],
    registers,
  });
  const codes = new Counter({
    name: "somopay_codes_checked_total",
    help: "M-Pesa codes typed by parents, by result.",
    labelNames: ["status"],
    registers,
  });
  const pruned = new Counter({
    name: "somopay_pruned_total",
    help: "Raw callbacks deleted and bookings whose personal data was erased, because they were older than RETENTION_DAYS.",
    labelNames: ["what"],
    registers,
  });
  const refunds = new Counter({
    name: "somopay_refunds_total",
    help: "Refunds, by result; unknown: Safaricom did not answer.",
    labelNames: ["status"],
    registers,
  });

  return {
    stepped(attempt, source, nowMs) {
      steps.inc({ status: attempt.status, reason: attempt.reason ?? "", source });
      if (attempt.endedAtMs !== null) settleSeconds.observe((nowMs - attempt.requestedAtMs) / 1_000);
    },
    pushed: (answer, tookMs) => pushSeconds.observe({ answer }, tookMs / 1_000),
    callbackProcessed(verdict, delayMs) {
      callbacks.inc({ verdict });
      readSeconds.observe(delayMs / 1_000);
    },
    callbackDelayed: (delayMs) => delaySeconds.observe(Math.max(0, delayMs) / 1_000),
    callbackRetried: () => retried.inc(),
    strangersCallback: () => strangers.inc(),
    callbackFromElsewhere: () => fromElsewhere.inc(),
    callbackStored: (where) => stored.inc({ where }),
    queried: (answer) => queries.inc({ answer }),
    refusedStart: (limit) => limited.inc({ limit }),
    codeChecked: (status) => codes.inc({ status }),
    pruned: (what, count) => pruned.inc({ what }, count),
    refunded: (status) => refunds.inc({ status }),
  };
}
