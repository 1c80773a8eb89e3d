/**
 * What the rest of the service knows of Safaricom's Daraja: a push has three ends, a question five answers, a callback three outcomes.
 * No field name of Daraja's own leaves this folder.
 */
import type { FailureReason } from "../contract.ts";

/** One site's account with Safaricom. All of it is secret but the shortcode and the till. */
export type DarajaCredentials = {
  consumerKey: string;
  consumerSecret: string;
  /** The paybill; for a till, its head-office (store) number. */
  shortcode: string;
  passkey: string;
  /** The till's number: when present the push is a Buy Goods one and the money goes to the till. */
  till?: string;
  /** Absent: codes that parents type cannot be checked, and money cannot be given back from here. */
  initiator?: Initiator;
};

/** The user of the M-Pesa organisation portal in whose name transactions are looked up and reversed. */
export type Initiator = {
  name: string;
  password: string;
  /** Safaricom's certificate in PEM form, for which the password is encrypted. */
  certificate: string;
};

export type PushRequest = {
  /** Whole shillings, 1 to 250,000. */
  amountKes: number;
  /** `2547…` or `2541…`, twelve digits. */
  phone: string;
  /** At most 12 characters; it is printed on the payer's SMS. Longer or odd ones are cut to what Safaricom takes. */
  accountReference: string;
  /** At most 13 characters; cut likewise. */
  description: string;
  /** Carries the attempt's own secret. https in production. */
  callbackUrl: string;
};

/**
 * How a push ended. `refused`: certainly nothing was sent to the payer. `unclear`: a prompt may be on the phone (the reply was lost, or says
 * nothing that we can rely on); the caller must never send it again.
 */
export type PushReply =
  | { kind: "accepted"; checkoutRequestId: string; merchantRequestId: string | null }
  | {
      kind: "refused";
      /** `busy` | `misconfigured` | `rejected`. */
      reason: FailureReason;
      /** Another try before this many milliseconds would be refused too. */
      retryAfterMs?: number;
      /** Daraja's code, or ours: `invalid_request`, `no_token`, `wrong_credentials`, `circuit_open`, `unsent`, `http_<status>`. */
      code: string | null;
      /** For logs and the owner, never for the payer. Holds no phone number and no secret. */
      message: string;
    }
  | { kind: "unclear"; message: string };

/** What Safaricom says of a push when asked. Only `paid` and `failed` decide anything. */
export type QueryAnswer =
  | { kind: "paid" }
  | { kind: "failed"; code: string; reason: FailureReason; retryAfterMs?: number; message: string }
  /** Known in-flight answers, and every trouble with the network. */
  | { kind: "pending"; message: string }
  /** A code that nobody knows: keep the attempt open, tell the owner. */
  | { kind: "unrecognised"; code: string | null; message: string }
  /** Too many questions: ask nothing, for anybody, for this long. */
  | { kind: "throttled"; retryAfterMs: number };

/** A callback's body as read. Nothing of it is proof: Safaricom signs nothing. */
export type StkCallback = {
  checkoutRequestId: string | null;
  merchantRequestId: string | null;
  outcome:
    | {
        kind: "paid";
        /** Exact shillings; null when missing, unreadable or not a whole number, which equals no price. */
        amountKes: number | null;
        /** Upper case, 8 to 12 letters and digits; null when missing or of another form. */
        receipt: string | null;
        /** UTC milliseconds. */
        paidAtMs: number | null;
        /** As sent; newer callbacks mask it or leave it out. */
        phone: string | null;
      }
    | {
        kind: "failed";
        code: string;
        reason: FailureReason;
        /** False: no table names this code, so the owner is told. */
        known: boolean;
        retryAfterMs?: number;
        message: string;
      }
    | { kind: "unreadable"; why: string };
};

/** Where the result of one asynchronous call comes in, with the call's own secret; and the notice that Safaricom's queue gave it up. */
export type ResultAddresses = { resultUrl: string; timeoutUrl: string };

/** How an asynchronous call was taken. `refused`: certainly nothing was begun. `unclear`: it may have been; a result may come all the same. */
export type CommandReply =
  | { kind: "accepted"; conversationId: string | null }
  | { kind: "refused"; reason: "busy" | "misconfigured"; code: string | null; message: string }
  | { kind: "unclear"; message: string };

/** What a transaction's status says; only `transaction` with everything in it can count. */
export type TransactionFacts =
  | {
      kind: "transaction";
      receipt: string;
      isCompleted: boolean;
      /** Whole shillings; null: not said, or not whole. */
      amountKes: number | null;
      /** The paybill or till that got the money; empty: not said. */
      paidTo: string;
      /** The payer's number, perhaps masked; empty: not said. */
      payer: string;
      paidAtMs: number | null;
    }
  | { kind: "unknown_receipt"; code: string; message: string }
  /** The initiator's name, password or rights: only the owner can mend it. */
  | { kind: "misconfigured"; code: string; message: string }
  /** A code that decides nothing. */
  | { kind: "no_answer"; code: string; message: string }
  | { kind: "unreadable"; why: string };

/** `remarks`: 2 to 100 characters, on the organisation's statement. */
export type ReversalRequest = { receipt: string; amountKes: number; remarks: string };

export type ReversalOutcome =
  | { kind: "done"; code: string; message: string }
  | { kind: "failed"; code: string; message: string; isMisconfigured: boolean }
  | { kind: "unreadable"; why: string };

export type QrRequest = { merchant: string; paybill: string; reference: string; amountKes: number };

export type QrAnswer = { kind: "image"; png: Buffer } | { kind: "none"; message: string };

export type C2bAddresses = { confirmationUrl: string; validationUrl: string };

/** What the client writes to; pino fits. */
export type DarajaLogger = {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
};

/** The adapter as the service sees it. */
export type DarajaClient = {
  /** Sends one prompt, at most once. Never throws. `deadlineMs` (a duration) bounds token and push together; default 9,000. */
  push(credentials: DarajaCredentials, request: PushRequest, deadlineMs?: number): Promise<PushReply>;
  /** Asks how a push ended. Never throws. */
  query(credentials: DarajaCredentials, checkoutRequestId: string): Promise<QueryAnswer>;
  /** Whether Safaricom knows this consumer key and secret; for `doctor`. Never throws. */
  checkCredentials(credentials: DarajaCredentials): Promise<{ ok: true } | { ok: false; problem: string }>;
  /** Tells Safaricom where to report money that comes without a prompt. In production it takes this once for a shortcode. Never throws. */
  registerC2b(credentials: DarajaCredentials, addresses: C2bAddresses): Promise<{ ok: true } | { ok: false; problem: string }>;
  /** Has Safaricom look a receipt up; the result comes to `addresses`. Never throws. */
  lookUp(credentials: DarajaCredentials, receipt: string, addresses: ResultAddresses): Promise<CommandReply>;
  /** Has Safaricom give a transaction's money back, sent at most once; the result comes to `addresses`. Never throws. */
  reverse(credentials: DarajaCredentials, request: ReversalRequest, addresses: ResultAddresses): Promise<CommandReply>;
  /** A code that M-Pesa's app reads, for paying by hand. Never throws. */
  qrCode(credentials: DarajaCredentials, request: QrRequest): Promise<QrAnswer>;
  close(): Promise<void>;
  /** Of the pushes: while `open`, a push is refused as `busy` without being sent. */
  breakerState(): "closed" | "open" | "half-open";
};
