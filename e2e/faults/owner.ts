/** The owner of the site: refunds surplus until Safaricom confirms it, and works on the list of what waits for a person. */
import { setTimeout as pause } from "node:timers/promises";
import { paymentsPageSchema, paymentWithRefundsSchema } from "../../service/src/contract.ts";
import type { Control } from "../daraja-simulator/control.ts";
import { seededRandom } from "../daraja-simulator/ids.ts";
import { drawResult } from "./hand-plan.ts";
import { createOwnerClient } from "./owner-client.ts";
import { createDecisions } from "./owner-decisions.ts";
import { pick } from "./random-choice.ts";

export interface OwnerParts {
  readonly urls: readonly string[];
  readonly secretKey: string;
  readonly control: Control;
  /** Phone to booking: the booking that its money is for. */
  readonly bookings: ReadonlyMap<string, string>;
  readonly seed: number;
  readonly isPatient: boolean;
  /** Whether all that was to break has been mended: from then on everything must end. */
  readonly isCalm: () => boolean;
  readonly over: AbortSignal;
  readonly happened: (what: string) => void;
  readonly injected: (fault: string) => void;
}

export interface Owner {
  /** The number of requested refunds that are not done. */
  readonly waiting: number;
  readonly stopped: Promise<void>;
}

const LOOK_EVERY_MS = 1_000;

/** Refunds every other surplus payment. The owner keeps the rest, as agreed with parents for a next lesson, and says so. */
export function startOwner(parts: OwnerParts): Owner {
  const { urls, secretKey, control, over, happened, injected } = parts;
  const random = seededRandom(parts.seed);
  const isChosen = new Map<string, boolean>();
  const waiting = new Set<string>();
  let asked = 0;

  const call = createOwnerClient(() => pick(random, urls), secretKey);
  const decide = createDecisions({ ...parts, call, random });
  const refund = async (paymentId: string, receipt: string): Promise<void> => {
    asked += 1;
    const phone = control.ledger.find((entry) => entry.receipt === receipt)?.payerPhone;
    const fault = drawResult(random, parts.isPatient);
    if (fault && phone !== undefined) control.nextFaults(fault, { phone, request: "reversal" });
    for (let tries = 0; tries < 20 && !over.aborted; tries++) {
      const answer = await call(`/api/v1/payments/${paymentId}/refunds`, { body: { remarks: "Paid twice" }, key: `refund-${asked}` });
      happened(`a refund answered ${answer?.status ?? "nothing"}`);
      if (answer && answer.status < 500) break;
      await pause(LOOK_EVERY_MS);
    }
    injected("money given back");
  };
  const keep = async (paymentId: string): Promise<void> => {
    const body = { outcome: "kept", reason: "for the next lesson" };
    const answer = await call(`/api/v1/payments/${paymentId}/settle`, { body, key: `keep-${paymentId}` });
    happened(`keeping surplus answered ${answer?.status ?? "nothing"}`);
    if (answer?.status === 200) injected("surplus kept by agreement");
  };
  const lookAfter = async (paymentId: string): Promise<void> => {
    const answer = await call(`/api/v1/payments/${paymentId}`);
    const payment = answer?.status === 200 ? paymentWithRefundsSchema.parse(answer.body) : null;
    if (!payment) return;
    if (payment.status === "refunded") {
      waiting.delete(paymentId);
      return;
    }
    const newest = payment.refunds.at(-1);
    const isOpen = newest?.status === "requested" || newest?.status === "sent";
    if (!isOpen && payment.receipt !== undefined) await refund(paymentId, payment.receipt);
  };
  const look = async (): Promise<void> => {
    const answer = await call("/api/v1/payments?surplus=true&status=paid&limit=100");
    const page = answer?.status === 200 ? paymentsPageSchema.parse(answer.body).data : [];
    for (const { paymentId, receipt } of page) {
      if (receipt === undefined || isChosen.has(paymentId)) continue;
      isChosen.set(paymentId, random() < 0.5);
      if (isChosen.get(paymentId)) waiting.add(paymentId);
      else await keep(paymentId);
    }
    for (const paymentId of waiting) await lookAfter(paymentId);
    await decide();
  };
  const work = async (): Promise<void> => {
    while (!over.aborted) {
      await look();
      await pause(LOOK_EVERY_MS, undefined, { signal: over }).catch(() => undefined);
    }
  };
  return {
    get waiting() {
      return waiting.size;
    },
    stopped: work(),
  };
}
