/** What every parent in a storm uses, and how a parent repeats a request until it is answered. */
import { setTimeout as pause } from "node:timers/promises";
import type { Control } from "../daraja-simulator/control.ts";
import type { AttemptPlan, PayerPlan } from "./payer-plan.ts";
import { between } from "./random-choice.ts";
import type { SiteAnswer, SiteClient } from "./site-client.ts";
import type { Wallet } from "./wallets.ts";

export interface PayerParts {
  readonly client: SiteClient;
  readonly control: Control;
  /** Whether answers may be missing for minutes. */
  readonly isPatient: boolean;
  /** Aborted when nothing more will change. */
  readonly over: AbortSignal;
  /** The paybill that the site's page names at the moment. */
  readonly paybill: () => string;
  /** Phone to what its parent, who has not ended yet, is doing. */
  readonly waiting: Map<string, () => string>;
  /** What each phone has paid. */
  readonly walletOf: (phone: string) => Wallet;
  /** Phone to booking: the booking that its money is for. */
  readonly bookings: Map<string, string>;
  /** The plan of each phone's present attempt. */
  readonly current: Map<string, AttemptPlan>;
  /** The owner finds the money on the M-Pesa statement and enters it for the booking. */
  readonly askOwner: (receipt: string, reference: string) => Promise<void>;
  /** Counts an event that a parent met. */
  readonly happened: (what: string) => void;
  /** Counts an injected fault. */
  readonly injected: (fault: string) => void;
}

/** Wait between retries of one click: from a tenth of a second, so that some fall into every phase of a restart. */
const RETRY_MIN_MS = 100;
const RETRY_MAX_MS = 900;
/** Answers that say nothing about the payment. The same request is sent again with the same key. */
const passing = new Set(["unavailable", "internal", "idempotency_in_progress"]);

export async function untilAnswered(
  { client, over, happened }: PayerParts,
  { random }: PayerPlan,
  path: string,
  options: { body: object; key: string; asServer?: boolean },
): Promise<Exclude<SiteAnswer, { kind: "nothing" }> | null> {
  while (!over.aborted) {
    const answer = await client.call(random, path, options);
    if (answer.kind === "view" || (answer.kind === "problem" && !passing.has(answer.code))) return answer;
    happened(answer.kind === "nothing" ? "retried: no answer" : `retried: ${answer.status} ${answer.code}`);
    await rest(between(random, RETRY_MIN_MS, RETRY_MAX_MS), over);
  }
  return null;
}

export async function rest(ms: number, over: AbortSignal): Promise<void> {
  await pause(ms, undefined, { signal: over }).catch(() => undefined);
}
