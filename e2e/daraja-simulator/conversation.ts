/** Requests that Safaricom answers later by a result: a transaction's status, and a reversal. */
import type { Account } from "./accounts.ts";
import type { FaultsPatch, RequestKind } from "./faults.ts";

export interface AcceptedRequest {
  kind: RequestKind;
  account: Account;
  initiator: string;
  securityCredential: string;
  /** The receipt in question. */
  transactionId: string;
  /** The receiver of the money, as the business states it: a shortcode or a till. */
  party: string;
  /** Whether it states that `party` is a till; undefined if the request does not state it. */
  isTill?: boolean | undefined;
  /** What is to be reversed; undefined in a status query. */
  amountKes?: number | undefined;
  resultUrl: string;
  timeoutUrl: string;
  occasion: string;
  /** One-shot faults that came with this request. */
  ownFaults: FaultsPatch;
}

/** An accepted request, even if its reply was lost. */
export interface Conversation {
  conversationId: string;
  originatorConversationId: string;
  kind: RequestKind;
  /** The receipt in question. */
  transactionId: string;
  shortcode: string;
  /** The payer's phone; absent if the receipt is unknown. */
  phone?: string | undefined;
  /** UTC milliseconds. */
  acceptedAt: number;
  /** Its result code, known at once; "0" is done. Absent if it was dropped (`requestDropped`). */
  code?: string;
}
