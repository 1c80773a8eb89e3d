/** C2B: reads the notices of money that payers send from the M-Pesa menu, and builds the request that registers our addresses. */
import { fromNairobiStamp } from "./nairobi-time.ts";
import { own, parseObject, readReceipt, readShillings } from "./untrusted-json.ts";

export const C2B_REGISTER_PATH = "/mpesa/c2b/v2/registerurl";

/** The M-Pesa menu takes 20 characters for the account; the limit keeps a hostile value out of the column. */
const ACCOUNT_NUMBER_MAX = 40;

export type C2bNotice =
  | {
      kind: "money";
      receipt: string;
      /** Whole shillings; null if missing or not whole. */
      amountKes: number | null;
      /** As typed by the payer; empty for a till. */
      accountNumber: string;
      /** The paybill or till that received the money. */
      paidTo: string;
      /** Masked by M-Pesa (`2547 ***** 126`) or hashed; empty if missing. */
      payer: string;
      paidAtMs: number | null;
    }
  | { kind: "unreadable"; why: string };

/** Parses a validation or a confirmation; both have the same body. Never throws. */
export function parseC2bNotice(body: string): C2bNotice {
  const notice = parseObject(body);
  const receipt = readReceipt(own(notice, "TransID"));
  const paidTo = readText(own(notice, "BusinessShortCode"), 16);
  if (receipt === null || paidTo === "") return { kind: "unreadable", why: "not a C2B notice" };
  return {
    kind: "money",
    receipt,
    amountKes: readShillings(own(notice, "TransAmount")),
    accountNumber: readText(own(notice, "BillRefNumber"), ACCOUNT_NUMBER_MAX),
    paidTo,
    payer: readText(own(notice, "MSISDN"), 64).replaceAll(" ", ""),
    paidAtMs: fromNairobiStamp(own(notice, "TransTime")),
  };
}

function readText(value: unknown, maxLength: number): string {
  if (typeof value === "number") return String(value).slice(0, maxLength);
  if (typeof value !== "string") return "";
  return value
    .replace(/[\p{C}\s]+/gu, " ")
    .trim()
    .slice(0, maxLength);
}

/** The answer to a validation. Anything but `accept` stops the payment before money moves. */
export type ValidationAnswer = "accept" | "other";

const VALIDATION_CODES: Record<ValidationAnswer, string> = {
  accept: "0",
  other: "C2B00016",
};

export function validationBody(answer: ValidationAnswer): { ResultCode: string; ResultDesc: string } {
  return { ResultCode: VALIDATION_CODES[answer], ResultDesc: answer === "accept" ? "Accepted" : "Rejected" };
}

/** `Completed`: if we do not answer a validation, the payment is accepted. Money that arrives is always stored and listed. */
export function buildRegisterBody(shortcode: string, addresses: { confirmationUrl: string; validationUrl: string }): object {
  return {
    ShortCode: shortcode,
    ResponseType: "Completed",
    ConfirmationURL: addresses.confirmationUrl,
    ValidationURL: addresses.validationUrl,
  };
}
