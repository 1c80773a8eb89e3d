/** Callbacks that the simulator does not send: forged ones, and lost ones that arrive after all. */
import type { PromptView } from "../daraja-simulator/prompt.ts";
import type { Stack } from "../fixtures.ts";
import { call, type Answer } from "./calls.ts";

type About = Pick<PromptView, "checkoutRequestId" | "merchantRequestId" | "amountKes" | "phone">;

/** A callback's body as Safaricom writes it. Without a receipt it is a failure with `code`. */
export function callbackBody(about: About, said: { code: number | string; receipt?: string; amountKes?: number }): object {
  const { checkoutRequestId: CheckoutRequestID, merchantRequestId: MerchantRequestID } = about;
  const items = [
    { Name: "Amount", Value: said.amountKes ?? about.amountKes },
    { Name: "MpesaReceiptNumber", Value: said.receipt },
    { Name: "TransactionDate", Value: 20261123101530 },
    { Name: "PhoneNumber", Value: Number(about.phone) },
  ];
  const metadata = said.receipt === undefined ? {} : { CallbackMetadata: { Item: items } };
  const text = said.receipt === undefined ? "Request cancelled by user" : "The service request is processed successfully.";
  return { Body: { stkCallback: { MerchantRequestID, CheckoutRequestID, ResultCode: said.code, ResultDesc: text, ...metadata } } };
}

/** Posts to a full callback address, without browsers' headers. */
export function post(url: string, body: object | string | Buffer, headers: Record<string, string> = {}): Promise<Answer> {
  const raw = typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return call(url, "", { method: "POST", rawBody: raw, headers: { Origin: "", "X-Site-Key": "", ...headers } });
}

/** The answer to every callback. */
export const ACCEPTED = { status: 200, body: { ResultCode: 0, ResultDesc: "Accepted" } };

/** Delivers a lost callback unchanged. */
export async function deliverLost({ simulator }: Pick<Stack, "simulator">, checkoutRequestId: string): Promise<Answer> {
  const lost = await simulator.control.waitForDelivery(checkoutRequestId);
  if (lost.outcome !== "lost") throw new Error("this callback was not lost");
  return post(lost.url, lost.body);
}
