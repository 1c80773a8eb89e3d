/** What a business may ask Safaricom for and is told later: a transaction's status, and a reversal. */
import type { Account } from "./accounts.ts";
import type { FaultsPatch, RequestKind } from "./faults.ts";

export interface AcceptedRequest {
  kind: RequestKind;
  account: Account;
  initiator: string;
  securityCredential: string;
  /** The receipt that it is about. */
  transactionId: string;
  /** Who got the money, as the business says: a shortcode or a till. */
  party: string;
  /** Whether it says that `party` is a till; undefined where the request does not say it. */
  isTill?: boolean | undefined;
  /** What is to be reversed; undefined in a status query. */
  amountKes?: number | undefined;
  resultUrl: string;
  timeoutUrl: string;
  occasion: string;
  /** One-shot faults that came with this request. */
  ownFaults: FaultsPatch;
}

/** An accepted request, whether or not its sender was told so. */
export interface Conversation {
  conversationId: string;
  originatorConversationId: string;
  kind: RequestKind;
  /** The receipt that was asked about. */
  transactionId: string;
  shortcode: string;
  /** The payer's phone; absent when nobody knows the receipt. */
  phone?: string | undefined;
  /** UTC milliseconds. */
  acceptedAt: number;
  /** How it ended, at once: a result code, "0" is done. Absent when it was dropped (`requestDropped`). */
  code?: string;
}
