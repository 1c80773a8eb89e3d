import type { PushRequest } from "../../service/src/daraja/daraja-types.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";

/** Safaricom and the parents' phones, as the other parts of a world call them. */
export interface Safaricom {
  /** Every movement of money, oldest first. */
  readonly ledger: readonly LedgerEntry[];
  ledgerOf(bookingId: string): readonly LedgerEntry[];
  promptOf(attempt: Pick<Attempt, "callbackSecretHash">): Prompt | undefined;
  /** Somebody pays from the M-Pesa menu. */
  payByHand(payment: Pick<LedgerEntry, "phone" | "bookingId" | "amountKes" | "accountNumber" | "shortcode">): LedgerEntry;
  /** A push of this account has arrived. */
  takePush(request: PushRequest, shortcode: string): WireReply;
  /** A query about a prompt has arrived. */
  answerQuery(checkoutRequestId: string, shortcode: string): WireReply;
  /** A query about a receipt has arrived, or a request to reverse it. */
  takeCommand(command: Command): WireReply;
}

/** `shortcode`: of the account that asks. */
export type Command = { kind: "look_up" | "reverse"; receipt: string; resultUrl: string; shortcode: string };

/** One movement of money. */
export type LedgerEntry = {
  receipt: string;
  amountKes: number;
  phone: string;
  /** The booking that it is for. */
  bookingId: string;
  /** The paybill that has it. */
  shortcode: string;
  /** The prompt's account reference, or what the payer typed. */
  accountNumber: string;
  /** The secret of the prompt that it answered; null: paid from the M-Pesa menu. */
  secret: string | null;
  atMs: number;
  reversedAtMs: number | null;
};

export type Prompt = {
  checkoutRequestId: string;
  merchantRequestId: string;
  phone: string;
  amountKes: number;
  secret: string;
  shortcode: string;
  accountNumber: string;
  /** Every result code that Safaricom gave it; the last one counts. */
  codes: string[];
  entry: LedgerEntry | null;
};

/** What arrives over the wire; null: nothing. */
export type WireReply = { status: number; body: string; afterMs: number } | null;

/** Codes that decide nothing in a query's answer. */
export const UNDECIDABLE_CODES: ReadonlySet<string> = new Set(["26", "1001", "9999", "E3008", "5001"]);
