import type { PushRequest } from "../../service/src/daraja/daraja-types.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";

/** Safaricom and the parents' phones, as the other parts of a world call them. */
export interface Safaricom {
  /** Every movement of money, oldest first. */
  readonly ledger: readonly LedgerEntry[];
  ledgerOf(bookingId: string): readonly LedgerEntry[];
  promptOf(attempt: Pick<Attempt, "callbackSecretHash">): Prompt | undefined;
  /** Somebody pays from the M-Pesa menu. */
  payByHand(payment: Pick<LedgerEntry, "phone" | "bookingId" | "amountKes" | "accountNumber">): LedgerEntry;
  /** A push has arrived. */
  takePush(request: PushRequest): WireReply;
  /** A query about a prompt has arrived. */
  answerQuery(checkoutRequestId: string): WireReply;
  /** A query about a receipt has arrived, or a request to reverse it. */
  takeCommand(command: { kind: "look_up" | "reverse"; receipt: string; resultUrl: string }): WireReply;
}

/** Money that really moved. */
export type LedgerEntry = {
  receipt: string;
  amountKes: number;
  phone: string;
  /** What it is for. */
  bookingId: string;
  /** As it stands on the payer's statement, or as the payer typed it. */
  accountNumber: string;
  /** Of the prompt that it answered; null: by hand. */
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
  accountNumber: string;
  /** Every result code that Safaricom ever gave it, the last one the truth. */
  codes: string[];
  entry: LedgerEntry | null;
};

/** What comes back over the wire; null: nothing does. */
export type WireReply = { status: number; body: string; afterMs: number } | null;

/** Codes that a question's answer decides nothing by. */
export const UNDECIDABLE_CODES: ReadonlySet<string> = new Set(["26", "1001", "9999", "E3008", "5001"]);
