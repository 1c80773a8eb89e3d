/** Calls of the owner's server, with the secret key. */
import {
  paymentsPageSchema,
  paymentWithRefundsSchema,
  refundViewSchema,
  type OwnerPayment,
  type RefundView,
} from "../../service/src/contract.ts";
import { SECRET_KEY } from "../fixtures.ts";
import { call, type Answer } from "./calls.ts";
import { until } from "./until.ts";

const AS_SERVER = { Authorization: `Bearer ${SECRET_KEY}`, Origin: "", "X-Site-Key": "" };

export function callAsOwner(baseUrl: string, path: string, body?: object, headers: Record<string, string> = {}): Promise<Answer> {
  return call(baseUrl, path, { ...(body && { body }), headers: { ...AS_SERVER, ...headers } });
}

export function changeAsOwner(baseUrl: string, path: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  return call(baseUrl, path, { method: "PATCH", body, headers: { ...AS_SERVER, ...headers } });
}

export function deleteAsOwner(baseUrl: string, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  return call(baseUrl, path, { method: "DELETE", headers: { ...AS_SERVER, ...headers } });
}

export async function paymentsOf(baseUrl: string, query = ""): Promise<OwnerPayment[]> {
  return paymentsPageSchema.parse((await callAsOwner(baseUrl, `/api/v1/payments${query}`)).body).data;
}

export async function paymentOf(baseUrl: string, paymentId: string): Promise<OwnerPayment & { refunds: RefundView[] }> {
  return paymentWithRefundsSchema.parse((await callAsOwner(baseUrl, `/api/v1/payments/${paymentId}`)).body);
}

export function askForRefund(baseUrl: string, paymentId: string, headers: Record<string, string> = {}): Promise<Answer> {
  return callAsOwner(baseUrl, `/api/v1/payments/${paymentId}/refunds`, {}, headers);
}

export function toRefund(answer: Answer): RefundView {
  return refundViewSchema.parse(answer.body);
}

/** Resolves once the payment's newest refund has one of these statuses. */
export function refundEnds(baseUrl: string, paymentId: string, ...statuses: RefundView["status"][]): Promise<RefundView> {
  return until(`the refund to be ${statuses.join(" or ")}`, async () => {
    const newest = (await paymentOf(baseUrl, paymentId)).refunds.at(-1);
    return newest && statuses.includes(newest.status) && newest;
  });
}
