/**
 * Daraja's asynchronous calls: the reply says only whether the call was accepted; the result is posted to our result address later, or never. This
 * file has what all commands share; `transaction-status.ts` and `reversal.ts` have the rest.
 */
import { isMissingProduct, isRateLimit, isTokenFault, isWrongCredentials, readErrorBody } from "./daraja-errors.ts";
import type { CommandReply, DarajaCredentials, Initiator, ResultAddresses } from "./daraja-types.ts";
import { securityCredential } from "./security-credential.ts";
import { isObject, own, parseObject, readCode, readId, readNamedValues, safeText } from "./untrusted-json.ts";

/** An asynchronous call: its path and body. */
export type Command = { path: string; body: object };

/** The fields that every command has. */
export function commandFields(
  { shortcode }: DarajaCredentials,
  initiator: Initiator,
  { resultUrl, timeoutUrl }: ResultAddresses,
): { shortcode: string; fields: object } {
  const fields = {
    Initiator: initiator.name,
    SecurityCredential: securityCredential(initiator.password, initiator.certificate),
    ResultURL: resultUrl,
    QueueTimeOutURL: timeoutUrl,
    Occasion: "",
  };
  return { shortcode, fields };
}

/** Classified like a push reply: `refused` only if a rule says that nothing was started. */
export function classifyCommandReply(httpStatus: number, bodyText: string): CommandReply {
  const body = parseObject(bodyText);
  const error = readErrorBody(body);
  if (!error && readCode(own(body, "ResponseCode")) === "0")
    return { kind: "accepted", conversationId: readId(own(body, "ConversationID")) };
  if (error) {
    const { code } = error;
    const message = `${code} ${safeText(error.text)}`.trim();
    if (isMissingProduct(error) || isWrongCredentials(error)) return { kind: "refused", reason: "misconfigured", code, message };
    if (isTokenFault(error) || isRateLimit(error) || code === "500.003.02" || code === "500.003.03")
      return { kind: "refused", reason: "busy", code, message };
    if (/^40[01345]\./.test(code)) return { kind: "refused", reason: "misconfigured", code, message };
    return { kind: "unclear", message };
  }
  const code = `http_${httpStatus}`;
  const message = `HTTP ${httpStatus} without a readable reply`;
  if (httpStatus === 429) return { kind: "refused", reason: "busy", code, message };
  if ([400, 401, 403, 404, 405].includes(httpStatus)) return { kind: "refused", reason: "misconfigured", code, message };
  return { kind: "unclear", message };
}

/** A parsed result. It proves nothing by itself: it counts only on the secret address of its own request. */
export type CommandResult = {
  code: string;
  message: string;
  parameters: ReadonlyMap<string, unknown>;
  transactionId: string | null;
  conversationId: string | null;
};

/** Null: not a result. Never throws. */
export function parseCommandResult(bodyText: string): CommandResult | null {
  const result = own(parseObject(bodyText), "Result");
  const code = readCode(own(result, "ResultCode"));
  if (!isObject(result) || code === null) return null;
  return {
    code,
    message: safeText(own(result, "ResultDesc")),
    parameters: readNamedValues(own(own(result, "ResultParameters"), "ResultParameter"), "Key"),
    transactionId: readId(own(result, "TransactionID")),
    conversationId: readId(own(result, "ConversationID")),
  };
}

/** Safaricom reports a wrong initiator name, password or role. Only the owner can fix it. */
export function isInitiatorFault({ code, message }: Pick<CommandResult, "code" | "message">): boolean {
  return ["2001", "8006", "21", "2028"].includes(code) || /initiator|security credential/i.test(message);
}
