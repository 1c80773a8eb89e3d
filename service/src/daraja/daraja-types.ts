/**
 * The Daraja client's types: a push has three results, a query five, a callback three. Daraja's own field names do not leave this folder.
 */
import type { FailureReason } from "../contract.ts";

/** One site's M-Pesa account. Everything except the shortcode and the till is secret. */
export type DarajaCredentials = {
  consumerKey: string;
  consumerSecret: string;
  /** The paybill; for a till, its head-office (store) number. */
  shortcode: string;
  passkey: string;
  /** The till number. If present, the push is a Buy Goods push and the money goes to the till. */
  till?: string;
  /** Without it, M-Pesa codes cannot be checked and payments cannot be refunded. */
  initiator?: Initiator;
};

/** The user of the M-Pesa organisation portal who looks up and reverses transactions. */
export type Initiator = {
  name: string;
  password: string;
  /** Safaricom's certificate as PEM; the password is encrypted with its key. */
  certificate: string;
};

export type PushRequest = {
  /** Whole shillings, 1 to 250,000. */
  amountKes: number;
  /** `2547…` or `2541…`, twelve digits. */
  phone: string;
  /** At most 12 characters; shown on the payer's SMS. Longer text is cut, and characters that Safaricom refuses are removed. */
  accountReference: string;
  /** At most 13 characters; cut in the same way. */
  description: string;
  /** Contains the attempt's own secret. https in production. */
  callbackUrl: string;
};

/**
 * The result of a push. `refused`: nothing was sent to the payer. `unclear`: a prompt may be on the phone (the reply was lost or is not
 * reliable); the caller must never send it again.
 */
export type PushReply =
  | { kind: "accepted"; checkoutRequestId: string; merchantRequestId: string | null }
  | {
      kind: "refused";
      /** `busy` | `misconfigured` | `rejected`. */
      reason: FailureReason;
      /** A retry within this many milliseconds would be refused too. */
      retryAfterMs?: number;
      /** Daraja's code, or ours: `invalid_request`, `no_token`, `wrong_credentials`, `circuit_open`, `unsent`, `http_<status>`. */
      code: string | null;
      /** For logs and the owner, never for the payer. Contains no phone number and no secret. */
      message: string;
    }
  | { kind: "unclear"; message: string };

/** The result of a status query. Only `paid` and `failed` decide anything. */
export type QueryAnswer =
  | { kind: "paid" }
  | { kind: "failed"; code: string; reason: FailureReason; retryAfterMs?: number; message: string }
  /** Known in-progress answers, and every network failure. */
  | { kind: "pending"; message: string }
  /** An unknown code: keep the attempt open and tell the owner. */
  | { kind: "unrecognised"; code: string | null; message: string }
  /** Too many queries: send none, for any payment, for this long. */
  | { kind: "throttled"; retryAfterMs: number };

/** A parsed callback. It proves nothing by itself: Safaricom signs nothing. */
export type StkCallback = {
  checkoutRequestId: string | null;
  merchantRequestId: string | null;
  outcome:
    | {
        kind: "paid";
        /** Whole shillings; null if missing, unreadable or not whole. Null equals no price. */
        amountKes: number | null;
        /** Upper case, 8 to 12 letters and digits; null if missing or malformed. */
        receipt: string | null;
        /** UTC milliseconds. */
        paidAtMs: number | null;
        /** As received; newer callbacks mask it or leave it out. */
        phone: string | null;
      }
    | {
        kind: "failed";
        code: string;
        reason: FailureReason;
        /** False if the code is not in our table; the owner is told. */
        known: boolean;
        retryAfterMs?: number;
        message: string;
      }
    | { kind: "unreadable"; why: string };
};

/** Where the result of one asynchronous call is posted, or the notice that it timed out in Safaricom's queue. Both contain the call's own secret. */
export type ResultAddresses = { resultUrl: string; timeoutUrl: string };

/** The reply to an asynchronous call. `refused`: nothing was started. `unclear`: it may have been started, and a result may arrive. */
export type CommandReply =
  | { kind: "accepted"; conversationId: string | null }
  | { kind: "refused"; reason: "busy" | "misconfigured"; code: string | null; message: string }
  | { kind: "unclear"; message: string };

/** A transaction's status. Only a `transaction` with complete data can count. */
export type TransactionFacts =
  | {
      kind: "transaction";
      receipt: string;
      isCompleted: boolean;
      /** Whole shillings; null if missing or not whole. */
      amountKes: number | null;
      /** The paybill or till that received the money; empty if missing. */
      paidTo: string;
      /** The payer's number, possibly masked; empty if missing. */
      payer: string;
      paidAtMs: number | null;
    }
  | { kind: "unknown_receipt"; code: string; message: string }
  /** The initiator's name, password or role is wrong. Only the owner can fix it. */
  | { kind: "misconfigured"; code: string; message: string }
  /** A code that decides nothing. */
  | { kind: "no_answer"; code: string; message: string }
  | { kind: "unreadable"; why: string };

/** `remarks`: 2 to 100 characters, shown on the organisation's statement. */
export type ReversalRequest = { receipt: string; amountKes: number; remarks: string };

export type ReversalOutcome =
  | { kind: "done"; code: string; message: string }
  | { kind: "failed"; code: string; message: string; isMisconfigured: boolean }
  | { kind: "unreadable"; why: string };

export type QrRequest = { merchant: string; paybill: string; reference: string; amountKes: number };

export type QrAnswer = { kind: "image"; png: Buffer } | { kind: "none"; message: string };

export type C2bAddresses = { confirmationUrl: string; validationUrl: string };

/** The part of pino's logger that the client uses. */
export type DarajaLogger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** The client's interface for the rest of the service. */
export type DarajaClient = {
  /** Sends one prompt, at most once. Never throws. `deadlineMs` (a duration) limits token and push together; default 9,000. */
  push(credentials: DarajaCredentials, request: PushRequest, deadlineMs?: number): Promise<PushReply>;
  /** Queries the outcome of a push. Never throws. */
  query(credentials: DarajaCredentials, checkoutRequestId: string): Promise<QueryAnswer>;
  /** Whether Safaricom accepts this consumer key and secret; for `doctor`. Never throws. */
  checkCredentials(credentials: DarajaCredentials): Promise<{ ok: true } | { ok: false; problem: string }>;
  /** Tells Safaricom where to report money that arrives without a prompt. In production it accepts this once per shortcode. Never throws. */
  registerC2b(credentials: DarajaCredentials, addresses: C2bAddresses): Promise<{ ok: true } | { ok: false; problem: string }>;
  /** Asks Safaricom to look up a receipt; the result is posted to `addresses`. Never throws. */
  lookUp(credentials: DarajaCredentials, receipt: string, addresses: ResultAddresses): Promise<CommandReply>;
  /** Asks Safaricom to reverse a transaction, at most once; the result is posted to `addresses`. Never throws. */
  reverse(credentials: DarajaCredentials, request: ReversalRequest, addresses: ResultAddresses): Promise<CommandReply>;
  /** Gets a QR code for the M-Pesa app. Never throws. */
  qrCode(credentials: DarajaCredentials, request: QrRequest): Promise<QrAnswer>;
  close(): Promise<void>;
  /** The state of the account's push circuit. While it is `open`, its pushes are refused as `busy` without being sent. */
  breakerState(credentials: DarajaCredentials): "closed" | "open" | "half-open";
};
