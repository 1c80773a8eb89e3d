/** Parses the two shapes of errors: Daraja's own `{requestId, errorCode, errorMessage}` and the gateway's `{fault}`. */
import { isObject, own } from "./untrusted-json.ts";
import type { UntrustedObject } from "./untrusted-json.ts";

/** "Invalid Access Token": the gateway rejected the call before anything happened. */
export const TOKEN_REFUSED_CODE = "404.001.03";

/** `code` and `text` are as received: match on them, but pass `text` through `safeText` before it is shown or logged. */
export type ErrorBody = { from: "daraja" | "gateway"; code: string; text: string };

export function readErrorBody(body: UntrustedObject | null): ErrorBody | null {
  const errorCode = own(body, "errorCode");
  if ((typeof errorCode === "string" && errorCode.trim() !== "") || typeof errorCode === "number") {
    return { from: "daraja", code: tidyCode(errorCode), text: textOf(own(body, "errorMessage")) };
  }
  const fault = own(body, "fault");
  if (!isObject(fault)) return null;
  const code = own(own(fault, "detail"), "errorcode");
  return { from: "gateway", code: typeof code === "string" ? tidyCode(code) : "", text: textOf(own(fault, "faultstring")) };
}

/** A rate limit, under any of its names: the call was not processed. */
export function isRateLimit({ code, text }: ErrorBody): boolean {
  return code.startsWith("policies.ratelimit.") || /spike arrest|quota violation/i.test(text);
}

/** The app was never granted this API ("product") on Safaricom's portal. */
export function isMissingProduct({ code, text }: ErrorBody): boolean {
  return /NoApiProductMatch/i.test(code) || /no apiproduct match/i.test(text);
}

export function isWrongCredentials({ text }: ErrorBody): boolean {
  return /wrong credentials|merchant does not exist/i.test(text);
}

export function isTokenFault({ code }: ErrorBody): boolean {
  return code === TOKEN_REFUSED_CODE || /invalid_?access_?token|access_?token_?expired/i.test(code);
}

/** Longer than any known code; keeps a hostile one short in logs. */
const CODE_MAX = 80;

function tidyCode(code: string | number): string {
  return String(code)
    .replace(/[^\x21-\x7e]/g, "")
    .slice(0, CODE_MAX);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
