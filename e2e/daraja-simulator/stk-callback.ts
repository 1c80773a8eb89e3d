/** The callback's JSON, as text: the recordings have `"Value":1.00`, where a JSON library would write 1. */
import type { Faults } from "./faults.ts";
import { nairobiTimestamp } from "./nairobi-time.ts";
import { callbackText } from "./results.ts";

export interface StkResult {
  merchantRequestId: string;
  checkoutRequestId: string;
  phone: string;
  amountKes: number;
  code: string;
  /** The text, if it differs from the code's usual one. */
  text?: string | undefined;
  receipt?: string | undefined;
  balanceKes: number;
  /** UTC milliseconds. */
  at: number;
}

const item = (name: string, value?: string) => `{"Name":${JSON.stringify(name)}${value === undefined ? "" : `,"Value":${value}`}}`;

export function stkCallbackJson(result: StkResult, faults: Faults): string {
  const isNumber = /^\d+$/.test(result.code) && faults.callbackCodes === "number";
  const text = result.text ?? callbackText(result.code, faults.callbackBracketedText);
  const head =
    `"MerchantRequestID":${JSON.stringify(result.merchantRequestId)},"CheckoutRequestID":${JSON.stringify(result.checkoutRequestId)},` +
    `"ResultCode":${isNumber ? result.code : JSON.stringify(result.code)},"ResultDesc":${JSON.stringify(text)}`;
  return `{"Body":{"stkCallback":{${head}${metadata(result, faults)}}}}`;
}

function metadata(result: StkResult, faults: Faults): string {
  if (result.receipt === undefined || faults.callbackItems === "absent") return "";
  return `,"CallbackMetadata":{"Item":[${faults.callbackItems === "empty" ? "" : items(result, result.receipt, faults).join(",")}]}`;
}

function items(result: StkResult, receipt: string, faults: Faults): string[] {
  const amount = item("Amount", amountValue(result.amountKes + faults.callbackAmountOffKes, faults.callbackAmount));
  const receiptItem = item("MpesaReceiptNumber", JSON.stringify(receipt));
  const balance = faults.callbackItems === "with_balance" ? [item("Balance", balanceValue(result.balanceKes, faults.callbackBalance))] : [];
  const date = item("TransactionDate", nairobiTimestamp(result.at));
  const phoneText = phoneValue(result.phone, faults.callbackPhone);
  const phone = phoneText === undefined ? [] : [item("PhoneNumber", phoneText)];
  return faults.callbackItemsReordered
    ? [receiptItem, ...phone, date, ...balance, amount]
    : [amount, receiptItem, ...balance, date, ...phone];
}

function amountValue(amountKes: number, form: Faults["callbackAmount"]): string {
  if (form === "integer") return String(amountKes);
  return form === "string" ? JSON.stringify(amountKes.toFixed(2)) : amountKes.toFixed(2);
}

function balanceValue(balanceKes: number, form: Faults["callbackBalance"]): string | undefined {
  if (form === "absent") return undefined;
  return form === "number" ? balanceKes.toFixed(2) : JSON.stringify(balanceKes.toFixed(2));
}

function phoneValue(phone: string, form: Faults["callbackPhone"]): string | undefined {
  switch (form) {
    case "absent":
      return undefined;
    case "number":
      return phone;
    case "string":
      return JSON.stringify(phone);
    case "masked":
      return JSON.stringify(`${phone.slice(0, 6)}***${phone.slice(-3)}`);
  }
}
