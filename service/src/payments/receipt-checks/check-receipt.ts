/** A parent types the M-Pesa code from the SMS: Safaricom is asked about it, and only its answer counts. */
import type { BookingView } from "../../contract.ts";
import type { DarajaCredentials, TransactionFacts } from "../../daraja/daraja-types.ts";
import { readReceipt } from "../../daraja/untrusted-json.ts";
import { ServiceError } from "../../platform/errors.ts";
import type { IdempotencyClaim } from "../../platform/idempotency.ts";
import { hashSecret } from "../../platform/ids.ts";
import { accountForCode, accountsOfBooking } from "../accounts-of-booking.ts";
import { publishBookingChanged } from "../payment-events.ts";
import type { BookingFile } from "../payment.ts";
import type { PaymentsDependencies } from "../payments-dependencies.ts";
import { viewBooking } from "../view-booking.ts";
import type { ReceiptCheck } from "./receipt-check-store.ts";
import { endCheck, reportMisconfigured, settleCheck } from "./settle-check.ts";

export type TypedCode = { bookingId: string; code: string; address: string; claim: IdempotencyClaim | null };

/**
 * Begins to check a code, also for a booking that is paid: a parent who paid twice has nothing else to show for it. The result comes on the booking's
 * stream, like every outcome.
 * @throws ServiceError `booking_not_found`, `codes_not_checked`, `code_invalid`, `code_check_open`, `too_many_requests`
 */
export async function startReceiptCheck(deps: PaymentsDependencies, { bookingId, code, address, claim }: TypedCode): Promise<BookingView> {
  const { store, receiptChecks, limits, ids, now } = deps;
  const file = await store.load(bookingId);
  if (!file) throw new ServiceError("booking_not_found");
  const credentials = (await accountForCode(deps.accounts, file))?.credentials;
  if (!credentials?.initiator) throw new ServiceError("codes_not_checked");
  const receipt = readReceipt(code.replace(/[\s.-]+/g, ""));
  if (receipt === null) throw new ServiceError("code_invalid", { errors: [{ field: "code", message: "not an M-Pesa code" }] });
  if (file.attempts.some((attempt) => attempt.receipt === receipt)) return viewBooking(deps, file);
  await limits.consumeCode({ address, bookingId });

  const secret = ids.secret();
  const known = await findKnown(deps, file, receipt);
  const check: ReceiptCheck = {
    id: ids.next("rc"),
    siteId: file.booking.siteId,
    bookingId,
    receipt,
    status: "checking",
    resultSecretHash: hashSecret(secret),
    note: null,
    requestedAtMs: now(),
    endedAtMs: null,
  };
  if ((await receiptChecks.begin(check, claim)) === "open")
    throw new ServiceError("code_check_open", { booking: await viewBooking(deps, file), retryAfterMs: 5_000 });
  await publishBookingChanged(deps.hub, bookingId);
  if (known) await settleCheck(deps, check, known);
  else await lookUp(deps, check, credentials, secret);
  return viewBooking(deps, (await store.load(bookingId)) ?? file);
}

/** What needs no request to Safaricom: the code has paid for something, or its money came by hand and waits for the owner. */
async function findKnown(
  { store, unassignedMoney, accounts }: PaymentsDependencies,
  file: BookingFile,
  receipt: string,
): Promise<TransactionFacts | "used" | null> {
  if (await store.isReceiptUsed(receipt)) return "used";
  const unassigned = await unassignedMoney.find(receipt);
  const own = unassigned ? await accountsOfBooking(accounts, file) : [];
  const account = own.find(
    ({ credentials }) => unassigned?.shortcode === credentials.shortcode || unassigned?.shortcode === credentials.till,
  );
  if (!unassigned || !account) return null;
  const { amountKes, payer, paidAtMs } = unassigned;
  return { kind: "transaction", receipt, isCompleted: true, amountKes, paidTo: account.credentials.shortcode, payer, paidAtMs };
}

/** Safaricom answers later, to the check's own secret address: process-result.ts. */
async function lookUp(deps: PaymentsDependencies, check: ReceiptCheck, credentials: DarajaCredentials, secret: string): Promise<void> {
  const { daraja, resultUrl, logger } = deps;
  const addresses = { resultUrl: `${resultUrl}/result/${secret}`, timeoutUrl: `${resultUrl}/timeout/${secret}` };
  const reply = await daraja.lookUp(credentials, check.receipt, addresses);
  if (reply.kind === "accepted") return;
  if (reply.kind === "unclear") {
    logger.warn({ checkId: check.id, message: reply.message }, "receipt lookup: no clear reply; the result may still come");
    return;
  }
  if (reply.reason === "misconfigured") reportMisconfigured(deps, check, `${reply.code ?? ""} ${reply.message}`);
  await endCheck(deps, check, { status: "unanswered", note: reply.message });
}
