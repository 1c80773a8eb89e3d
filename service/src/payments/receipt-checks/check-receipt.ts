/** A parent types the M-Pesa code from the SMS: Safaricom is asked about it, and only its word counts. */
import { viewBooking } from "../../bookings/booking-view.ts";
import type { BookingView } from "../../contract.ts";
import type { DarajaClient } from "../../daraja/daraja-client.ts";
import type { DarajaCredentials, TransactionFacts } from "../../daraja/daraja-types.ts";
import { readReceipt } from "../../daraja/untrusted-json.ts";
import { ServiceError } from "../../platform/errors.ts";
import { hashSecret } from "../../platform/ids.ts";
import type { IdempotencyClaim } from "../../platform/idempotency.ts";
import { publishBookingChanged } from "../payment-events.ts";
import type { MoneyStore } from "../c2b/unassigned-money-store.ts";
import type { PaybillOfSite } from "../c2b/paybill-of-site.ts";
import { comparePayer } from "../payer.ts";
import type { Booking, BookingFile } from "../payment.ts";
import type { ReceiptCheck, ReceiptCheckStatus, ReceiptCheckStore } from "./receipt-check-store.ts";
import type { ReceiptChecks } from "./receipt-check-view.ts";
import { recordMoney } from "../c2b/record-money.ts";
import type { Recorder } from "../record-outcome.ts";
import type { RateLimits } from "../rate-limits.ts";

export type ReceiptChecker = Recorder & {
  daraja: Pick<DarajaClient, "lookUp">;
  checks: ReceiptCheckStore;
  money: MoneyStore;
  limits: Pick<RateLimits, "consumeCode">;
  credentialsOf(siteId: string): Promise<DarajaCredentials | null>;
  paybillOf?: PaybillOfSite;
  receiptChecks?: ReceiptChecks;
  /** Each request adds a kind and a secret of its own. */
  resultUrl: string;
};

export type TypedCode = { bookingId: string; code: string; address: string; claim: IdempotencyClaim | null };

type Transaction = Extract<TransactionFacts, { kind: "transaction" }>;
type Ending = { status: Exclude<ReceiptCheckStatus, "checking">; note: string | null };

/** Answers come within seconds; who has waited this long is told to try again, and a late answer still counts. */
const ANSWER_AWAITED_MS = 60_000;
const MOST_AT_ONCE = 100;
/** Clocks of two companies: money may look a little older than the booking that it pays. */
const OLDER_THAN_BOOKING_MS = 10 * 60_000;

/**
 * Begins to check a code, also for a booking that is paid: whoever paid twice has nothing else to show for it. What comes of it is on the booking's
 * stream, as every outcome.
 * @throws ServiceError `booking_not_found`, `codes_not_checked`, `code_invalid`, `code_check_open`, `too_many_requests`
 */
export async function startReceiptCheck(checker: ReceiptChecker, { bookingId, code, address, claim }: TypedCode): Promise<BookingView> {
  const { store, checks, limits, ids } = checker;
  const file = await loadFile(checker, bookingId);
  const credentials = await checker.credentialsOf(file.booking.siteId);
  if (!credentials?.initiator) throw new ServiceError("codes_not_checked");
  const receipt = readReceipt(code.replace(/[\s.-]+/g, ""));
  if (receipt === null) throw new ServiceError("code_invalid", { errors: [{ field: "code", message: "not an M-Pesa code" }] });
  if (file.attempts.some((attempt) => attempt.receipt === receipt)) return viewBooking(checker, file);
  await limits.consumeCode({ address, bookingId });

  const secret = ids.secret();
  const known = await knownAlready(checker, credentials, receipt);
  const nowMs = checker.now();
  const check: ReceiptCheck = {
    id: ids.next("rc"),
    siteId: file.booking.siteId,
    bookingId,
    receipt,
    status: "checking",
    resultSecretHash: hashSecret(secret),
    note: null,
    requestedAtMs: nowMs,
    endedAtMs: null,
  };
  if ((await checks.begin(check, claim)) === "open")
    throw new ServiceError("code_check_open", { booking: await viewBooking(checker, file), retryAfterMs: 5_000 });
  await publishBookingChanged(checker.hub, bookingId);
  if (known) await settleCheck(checker, check, known);
  else await ask(checker, check, credentials, secret);
  return viewBooking(checker, (await store.load(bookingId)) ?? file);
}

async function loadFile({ store }: Recorder, bookingId: string): Promise<BookingFile> {
  const file = await store.load(bookingId);
  if (!file) throw new ServiceError("booking_not_found");
  return file;
}

/** What needs no question: the code has paid for something, or its money came by hand and nobody knew what for. */
async function knownAlready(
  { money }: ReceiptChecker,
  { shortcode, till }: DarajaCredentials,
  receipt: string,
): Promise<TransactionFacts | "used" | null> {
  if (await money.isReceiptPaid(receipt)) return "used";
  const unassigned = await money.findUnassigned(receipt);
  if (!unassigned || (unassigned.shortcode !== shortcode && unassigned.shortcode !== till)) return null;
  const { amountKes, payer, paidAtMs } = unassigned;
  return { kind: "transaction", receipt, isCompleted: true, amountKes, paidTo: shortcode, payer, paidAtMs };
}

async function ask(checker: ReceiptChecker, check: ReceiptCheck, credentials: DarajaCredentials, secret: string): Promise<void> {
  const { daraja, resultUrl, logger } = checker;
  const addresses = { resultUrl: `${resultUrl}/result/${secret}`, timeoutUrl: `${resultUrl}/timeout/${secret}` };
  const reply = await daraja.lookUp(credentials, check.receipt, addresses);
  if (reply.kind === "accepted") return;
  if (reply.kind === "unclear") {
    logger.warn({ checkId: check.id, message: reply.message }, "unclear whether Safaricom looks a code up; its answer may come");
    return;
  }
  if (reply.reason === "misconfigured") tellOwner(checker, check, `${reply.code ?? ""} ${reply.message}`);
  await endCheck(checker, check, { status: "unanswered", note: reply.message });
}

/** What Safaricom (or the booking's own records) says of a code, made the check's end. Safe to repeat. */
export async function settleCheck(
  checker: ReceiptChecker,
  check: ReceiptCheck,
  facts: TransactionFacts | "used" | "timeout",
): Promise<Ending> {
  const ending = await endingOf(checker, check, facts);
  await endCheck(checker, check, ending);
  return ending;
}

async function endingOf(checker: ReceiptChecker, check: ReceiptCheck, facts: TransactionFacts | "used" | "timeout"): Promise<Ending> {
  if (facts === "used") return { status: "used", note: null };
  if (facts === "timeout") return { status: "unanswered", note: "Safaricom gave the question up" };
  switch (facts.kind) {
    case "transaction":
      return count(checker, check, facts);
    case "unknown_receipt":
      return { status: "not_found", note: `${facts.code} ${facts.message}` };
    case "misconfigured":
      tellOwner(checker, check, `${facts.code} ${facts.message}`);
      return { status: "unanswered", note: `${facts.code} ${facts.message}` };
    case "no_answer":
      return { status: "unanswered", note: `${facts.code} ${facts.message}` };
    case "unreadable":
      return { status: "unanswered", note: facts.why };
  }
}

async function count(checker: ReceiptChecker, check: ReceiptCheck, transaction: Transaction): Promise<Ending> {
  const { money, now } = checker;
  const file = await loadFile(checker, check.bookingId);
  const why = await whyNotThis(checker, check, file, transaction);
  const { receipt, amountKes, payer, paidAtMs } = transaction;
  if (why === null && amountKes !== null) {
    const said = { receipt, amountKes, payer, paidAtMs };
    const { attempt } = await recordMoney(checker, check.bookingId, said, { source: "code", note: "the payer typed its code" });
    if (attempt?.bookingId !== check.bookingId) return { status: "used", note: null };
    await money.markAssigned(receipt, attempt.id);
    return { status: "counted", note: attempt.surplus ? "kept as surplus" : null };
  }
  // Money that surely came to this account and that nobody has: the owner decides whose it is.
  const isOurs = transaction.isCompleted && amountKes !== null && why?.isOurs === true && !(await money.isReceiptPaid(receipt));
  if (isOurs && amountKes !== null) {
    const kept = { receipt, shortcode: transaction.paidTo, accountNumber: file.booking.reference, amountKes, payer };
    await money.keepUnassigned({
      ...kept,
      why: `its code was typed for ${file.booking.reference}: ${why.note}`,
      paidAtMs: paidAtMs ?? now(),
      receivedAtMs: now(),
    });
  }
  return { status: "not_this_payment", note: why?.note ?? null };
}

/** A code can be read over a shoulder: it counts only for money that this booking can have been paid with. Null: it is. */
async function whyNotThis(
  { credentialsOf, money }: ReceiptChecker,
  check: ReceiptCheck,
  { booking, attempts }: BookingFile,
  { receipt, isCompleted, amountKes, paidTo, payer, paidAtMs }: Transaction,
): Promise<{ note: string; isOurs: boolean } | null> {
  const not = (note: string, isOurs = false) => ({ note, isOurs });
  const credentials = await credentialsOf(booking.siteId);
  if (receipt !== check.receipt) return not("Safaricom answered about another code");
  if (!isCompleted) return not("the transaction is not completed");
  if (credentials === null || paidTo === "" || (paidTo !== credentials.shortcode && paidTo !== credentials.till))
    return not("the money went to another account");
  if (amountKes !== booking.amountKes) return not(`it is KES ${amountKes ?? "?"} and the booking is KES ${booking.amountKes}`, true);
  if (isOlder(booking, paidAtMs)) return not("it was paid before the booking was made", true);
  const isFromHere = attempts.some(({ phone }) => comparePayer(phone, payer) === "same");
  if (
    !isFromHere &&
    (await money.isAwaitedElsewhere({ bookingId: booking.id, payer, amountKes, paidAtMs: paidAtMs ?? check.requestedAtMs }))
  )
    return not("another booking waits for this payer's money", true);
  return null;
}

function isOlder({ createdAtMs }: Booking, paidAtMs: number | null): boolean {
  return paidAtMs !== null && paidAtMs < createdAtMs - OLDER_THAN_BOOKING_MS;
}

async function endCheck({ checks, hub, now, metrics, logger }: ReceiptChecker, check: ReceiptCheck, ending: Ending): Promise<void> {
  if (!(await checks.end(check, { ...ending, atMs: now() }))) return;
  await publishBookingChanged(hub, check.bookingId);
  metrics.codeChecked(ending.status);
  logger.info({ checkId: check.id, ...ending }, "a typed code was checked");
}

function tellOwner({ logger }: ReceiptChecker, check: ReceiptCheck, problem: string): void {
  logger.error(
    { checkId: check.id, siteId: check.siteId, problem },
    "Safaricom does not let us look codes up: the initiator is not set up",
  );
}

/** Nobody waits for ever: the parent may try again. */
export async function endOverdueChecks(checker: ReceiptChecker): Promise<number> {
  const overdue = await checker.checks.overdue(checker.now() - ANSWER_AWAITED_MS, MOST_AT_ONCE);
  for (const check of overdue) await endCheck(checker, check, { status: "unanswered", note: "no answer came" });
  return overdue.length;
}
