import type { Assignment, EnteredMoney } from "../../service/src/payments/operator/assign-money.ts";
import type { StoredCallback } from "../../service/src/payments/store/callback-inbox.ts";
import type { Answer } from "../../service/src/platform/idempotency.ts";
import type { SseResponse } from "../../service/src/platform/sse.ts";
import type { Delivery } from "./delivery.ts";
import type { Life } from "./life.ts";

/** Where a copy of the service runs. The journal on its disk outlives the copy; the next copy in this place replays it. */
export type Place = { name: string; journal: StoredCallback[]; copy: Copy | null };

export type PayRequest = { bookingId: string; phone: string; key: string };

/** A running copy of the service, as parents, the owner and Safaricom call it. */
export type Copy = {
  life: Life;
  /** POST /api/pay/mpesa. Rejects with what the error handler would answer; never settles if the copy dies. */
  pay(request: PayRequest): Promise<Answer>;
  /** POST /api/pay/code. Rejects like `pay`. */
  typeCode(typed: { bookingId: string; code: string; key: string }): Promise<void>;
  /** POST /api/v1/payments/:paymentId/refunds. Rejects like `pay`. */
  refund(request: { paymentId: string; key: string }): Promise<void>;
  /** somopay payments settle. Rejects like `pay`. @param receipt null: it was not paid */
  settle(decision: { paymentId: string; receipt: string | null }): Promise<void>;
  /** somopay money assign. @param enter for money that Safaricom never reported */
  assign(decision: { receipt: string; reference: string; enter: EnteredMoney | null }): Promise<Assignment>;
  /** somopay callbacks replay */
  replay(callbackId: string): Promise<void>;
  /** POST on a callback address. Resolves to whether it was answered 200. */
  takeCallback(delivery: Delivery): Promise<boolean>;
  /** GET /api/payment-status/:bookingId */
  watch(bookingId: string, lastSeen: number | null, response: SseResponse): Promise<void>;
};
