import type { BlockList } from "node:net";
import { isIP, isIPv6 } from "node:net";
import { parseStkCallback } from "../daraja/stk-callback.ts";
import type { StkCallback } from "../daraja/daraja-types.ts";
import { hashSecret } from "../platform/ids.ts";
import {
  decodeBody,
  encodeBody,
  type CallbackInbox,
  type CallbackKind,
  type ProcessingResult,
  type StoredCallback,
} from "./store/callback-inbox.ts";
import { verifyCallback } from "./verify-callback.ts";
import { hasClaimed, type Attempt } from "./payment.ts";
import { recordMoney } from "./c2b/record-money.ts";
import { recordOutcome, type Recorder } from "./record-outcome.ts";

export type CallbackReceiver = Recorder & {
  inbox: CallbackInbox;
  /** Addresses whose word may count; null: any. */
  allowedAddresses: BlockList | null;
};

export type IncomingCallback = { kind?: CallbackKind; secret: string | null; remoteAddress: string; body: Buffer; truncated: boolean };

/** An unverified callback has Safaricom asked at once, but not more often than this: forged ones must not use up the few questions we have. */
const ASK_AGAIN_AFTER_MS = 60_000;

/**
 * Keeps a callback, whatever it is. When this resolves, it is on the disk and may be answered 200; what it means is read after.
 * Rejects only when neither the database nor the journal takes it.
 */
export async function receiveCallback(receiver: CallbackReceiver, incoming: IncomingCallback): Promise<StoredCallback | null> {
  const callback: StoredCallback = {
    id: receiver.ids.next("cb"),
    receivedAtMs: receiver.now(),
    kind: incoming.kind ?? "stk",
    secretHash: incoming.secret === null ? null : hashSecret(incoming.secret),
    remoteAddress: incoming.remoteAddress,
    ...encodeBody(incoming.body),
    truncated: incoming.truncated,
  };
  const where = await receiver.inbox.store(callback);
  return where === "database" ? callback : null;
}

/** Acts on a stored callback. Safe to repeat, and on several copies at once: everything that it leads to is guarded. */
export async function processStkCallback(receiver: CallbackReceiver, stored: StoredCallback): Promise<ProcessingResult> {
  const callback = parseStkCallback(decodeBody(stored));
  const { attempt, secretMatches } = await findAttempt(receiver, stored, callback);
  const named = callback.outcome.kind === "paid" ? callback.outcome.receipt : null;
  const paidAtMs = callback.outcome.kind === "paid" ? callback.outcome.paidAtMs : null;
  if (secretMatches && paidAtMs !== null) receiver.metrics.toldOfMoney(stored.receivedAtMs - paidAtMs);
  const read = (verdict: ProcessingResult["verdict"], note: string | null, receipt = named): ProcessingResult => ({
    verdict,
    note,
    paymentId: attempt?.id ?? null,
    receipt,
    atMs: receiver.now(),
  });
  if (!attempt)
    return read("unmatched", callback.outcome.kind === "unreadable" ? callback.outcome.why : "it is about no payment that we know");

  const addressAllowed = isAllowedAddress(receiver.allowedAddresses, stored.remoteAddress);
  const verification = verifyCallback(callback, attempt, { secretMatches, addressAllowed });
  const unverified = async (why: string, receipt: string | null = null): Promise<ProcessingResult> => {
    if (secretMatches && addressAllowed) await learnPromptId(receiver, attempt, callback);
    await receiver.store.requestQuery(attempt.id, receiver.now(), receiver.now() - ASK_AGAIN_AFTER_MS);
    return read("unverified", why, receipt);
  };
  // The receipt is taken up when Safaricom says "paid": so not from a callback that contradicts the attempt, and may have made it up.
  if (verification.kind === "unverified") return unverified(verification.why, verification.isIncomplete ? named : null);

  const { kind, attempt: after } = await recordOutcome(receiver, {
    attemptId: attempt.id,
    event: verification.event,
    source: "callback",
    ...noteOf(callback),
  });
  if (kind === "receipt_taken")
    return (await isOwnReceipt(receiver, attempt, callback)) ? read("duplicate", null) : unverified(RECEIPT_TAKEN);
  // Money without a receipt that another attempt may have: whose it is, is asked.
  if (kind === "unchanged" && callback.outcome.kind === "paid" && after.status === "failed" && !hasClaimed(after))
    return unverified("it does not say the receipt");
  if (kind === "unchanged" && isOtherMoney(callback, after)) return read("verified", await recordOtherMoney(receiver, attempt, callback));
  return kind === "recorded" ? read("verified", noteOf(callback).note ?? null) : read("duplicate", null);
}

const RECEIPT_TAKEN = "its receipt has paid for something else";

/** The same money, told as money to the paybill before: the booking has it. */
async function isOwnReceipt({ store }: CallbackReceiver, attempt: Attempt, { outcome }: StkCallback): Promise<boolean> {
  const file = await store.load(attempt.bookingId);
  return outcome.kind === "paid" && file?.attempts.some(({ receipt }) => receipt === outcome.receipt) === true;
}

/** Money that came by hand was taken for this prompt's, and now the prompt was paid as well. */
function isOtherMoney({ outcome }: StkCallback, attempt: Attempt): boolean {
  return outcome.kind === "paid" && outcome.receipt !== null && attempt.receipt !== null && outcome.receipt !== attempt.receipt;
}

async function recordOtherMoney(receiver: CallbackReceiver, attempt: Attempt, { outcome }: StkCallback): Promise<string> {
  if (outcome.kind !== "paid" || outcome.receipt === null) throw new Error("there is no other money");
  const money = { receipt: outcome.receipt, amountKes: attempt.amountKes, payer: attempt.phone, paidAtMs: outcome.paidAtMs };
  await recordMoney(receiver, attempt.bookingId, money, { source: "callback" });
  return "a second payment for one prompt: kept as surplus";
}

async function findAttempt(
  { store }: CallbackReceiver,
  stored: StoredCallback,
  callback: StkCallback,
): Promise<{ attempt: Attempt | null; secretMatches: boolean }> {
  const bySecret = stored.secretHash === null ? null : await store.findAttemptBySecretHash(stored.secretHash);
  if (bySecret) return { attempt: bySecret, secretMatches: true };
  const hinted = callback.checkoutRequestId === null ? null : await store.findAttemptByCheckoutRequestId(callback.checkoutRequestId);
  return { attempt: hinted, secretMatches: false };
}

/** When the push's reply was lost, a callback on the attempt's own address is all that names the prompt: without it there is nothing to ask by. */
async function learnPromptId(
  receiver: CallbackReceiver,
  attempt: Attempt,
  { checkoutRequestId, merchantRequestId }: StkCallback,
): Promise<void> {
  if (attempt.checkoutRequestId !== null || checkoutRequestId === null) return;
  const event = { type: "push_accepted", checkoutRequestId, merchantRequestId } as const;
  await recordOutcome(receiver, { attemptId: attempt.id, event, source: "callback" });
}

/** A code that nobody knows fails the attempt as `rejected`; the owner is told which it was. */
function noteOf({ outcome }: StkCallback): { note?: string } {
  return outcome.kind === "failed" && !outcome.known
    ? { note: `Safaricom gave a code that is not known: ${outcome.code} ${outcome.message}` }
    : {};
}

/** Whether a caller may be Safaricom; null: anybody may. */
export function isAllowedAddress(allowed: BlockList | null, address: string): boolean {
  if (!allowed) return true;
  // Node shows an IPv4 caller of a dual-stack socket as ::ffff:1.2.3.4.
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  // Behind a proxy that is trusted too far, an "address" may be any text.
  return isIP(plain) !== 0 && allowed.check(plain, isIPv6(plain) ? "ipv6" : "ipv4");
}
