/** A parent types the code from the M-Pesa SMS until the service has decided about it. */
import type { BookingView } from "../../service/src/contract.ts";
import { drawResult } from "./hand-plan.ts";
import { rest, untilAnswered, type PayerParts } from "./payer-parts.ts";
import type { PayerPlan } from "./payer-plan.ts";

/** Each try waits up to a minute for Safaricom's result. */
const TRIES_MAX = 6;
const ANSWERED_WITHIN_MS = 65_000;
/** Tries of a code for which the page of a paid booking shows nothing. */
const ASKS_OWNER_AFTER = 2;
const LOOK_EVERY_MS = 700;
const ENTRIES_MAX = 30;
const ENTERED_AGAIN_AFTER_MS = 1_000;

/** `key`: unique among this parent's codes. */
export interface TypedCode {
  readonly bookingId: string;
  readonly receipt: string;
  readonly key: string;
}

/** @returns the booking's last view; null if there was none */
export async function typeCode(parts: PayerParts, plan: PayerPlan, { bookingId, receipt, key }: TypedCode): Promise<BookingView | null> {
  const { client, control, over, happened, injected } = parts;
  const { phone, random } = plan;
  let seen: BookingView | null = null;
  for (let tries = 1; tries <= TRIES_MAX && !over.aborted; tries++) {
    const fault = drawResult(random, parts.isPatient);
    if (fault) control.nextFaults(fault, { phone, request: "status" });
    const typed = `${receipt.slice(0, 5).toLowerCase()} ${receipt.slice(5)}`;
    const answer = await untilAnswered(parts, plan, "/api/pay/code", {
      body: { bookingId, code: typed },
      key: `${key}-${tries}`,
    });
    if (answer?.kind === "problem") {
      happened(`typing a code answered ${answer.status} ${answer.code}`);
      if (answer.code !== "code_check_open") return seen;
      await rest(LOOK_EVERY_MS, over);
    }
    if (answer?.kind === "view") {
      injected("a code typed");
      seen = answer.view;
    }
    while (!over.aborted && (seen === null || seen.receiptCheck?.status === "checking")) {
      await rest(LOOK_EVERY_MS, over);
      const look = await client.call(random, `/api/booking/${bookingId}`);
      if (look.kind === "view") seen = look.view;
    }
    // The owner may have assigned it meanwhile.
    if (seen && seen.amountPaid >= parts.walletOf(phone).paidKes) return seen;
    // A paid booking does not show the outcome of a code for a second payment, so its payer types it again.
    const isItsOwn = seen?.payment?.receipt === receipt;
    if (!isItsOwn && seen?.receiptCheck === undefined && !(await untilReported(parts, phone, receipt))) {
      if (tries < ASKS_OWNER_AFTER) continue;
      await askOwner(parts, receipt, seen);
      return seen;
    }
    const result = resultOf(seen);
    happened(`a typed code: ${result}`);
    // Paid to another account than the one that the site has now, and that the booking's prompts were sent from.
    if (result === "not_found" || result === "not_this_payment") await askOwner(parts, receipt, seen);
    if (result !== "unanswered") return seen;
  }
  return seen;
}

/** A code that counted is no longer shown: another one can be typed. */
function resultOf(seen: BookingView | null): string {
  const status = seen?.receiptCheck?.status ?? (seen?.payment_status === "paid" ? "counted" : "nothing");
  return status === "possible" ? "counted" : status;
}

/** The widget tells the parent to contact the owner. */
async function askOwner({ askOwner: ask, injected, happened, over }: PayerParts, receipt: string, seen: BookingView | null): Promise<void> {
  if (!seen) return;
  injected("money entered by the owner from the statement");
  for (let tries = 1; tries <= ENTRIES_MAX && !over.aborted; tries++) {
    try {
      await ask(receipt, seen.reference);
      return;
    } catch {
      // The command has said why; most often the database was away.
      happened("somopay money assign failed, and was repeated");
      await rest(ENTERED_AGAIN_AFTER_MS, over);
    }
  }
}

/** Whether the service has received a report of this money within the time of a result. */
async function untilReported({ walletOf, over }: PayerParts, phone: string, receipt: string): Promise<boolean> {
  const untilMs = performance.now() + ANSWERED_WITHIN_MS;
  while (!walletOf(phone).isReported(receipt) && performance.now() < untilMs && !over.aborted) await rest(LOOK_EVERY_MS, over);
  return walletOf(phone).isReported(receipt);
}
