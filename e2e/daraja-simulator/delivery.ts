/** What the simulator sends to a merchant, and the record of each attempt to send it. */
export type DeliveryKind =
  | "stk_callback"
  | "c2b_validation"
  | "c2b_confirmation"
  | "status_result"
  | "status_timeout"
  | "reversal_result"
  | "reversal_timeout";

export interface OutgoingCallback {
  kind: DeliveryKind;
  url: string;
  shortcode: string;
  /** The payer's; absent from results about an unknown receipt. */
  phone?: string | undefined;
  /** JSON text, sent as it is. */
  body: string;
  checkoutRequestId?: string;
  /** The conversation of a result or timeout notice. */
  conversationId?: string;
  /** Of the money that it reports. */
  receipt?: string | undefined;
}

/** One attempt to deliver. `answered` means any status: a 500 is an answer too, and is not tried again. */
export interface Delivery extends OutgoingCallback {
  id: number;
  outcome: "answered" | "no_answer" | "lost";
  /** HTTP status of the answer. */
  status?: number;
  answer?: string;
  /** Why there was no answer. */
  error?: string;
  /** UTC milliseconds. */
  startedAt: number;
  durationMs: number;
}
