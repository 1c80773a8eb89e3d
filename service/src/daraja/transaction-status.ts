/** Looks up a transaction by its receipt. Safaricom has no lookup by account number. */
import { commandFields, isInitiatorFault, parseCommandResult, type Command } from "./command.ts";
import type { DarajaCredentials, Initiator, ResultAddresses, TransactionFacts } from "./daraja-types.ts";
import { fromNairobiStamp } from "./nairobi-time.ts";
import { readReceipt, readShillings } from "./untrusted-json.ts";

/** Safaricom's identifier types: a till, and an organisation's shortcode. */
const TILL = "2";
const SHORTCODE = "4";

export function transactionStatusCommand(
  credentials: DarajaCredentials,
  initiator: Initiator,
  receipt: string,
  addresses: ResultAddresses,
): Command {
  const { shortcode, fields } = commandFields(credentials, initiator, addresses);
  const body = {
    ...fields,
    CommandID: "TransactionStatusQuery",
    TransactionID: receipt,
    PartyA: credentials.till ?? shortcode,
    IdentifierType: credentials.till === undefined ? SHORTCODE : TILL,
    Remarks: "Receipt from a payer",
  };
  return { path: "/mpesa/transactionstatus/v1/query", body };
}

/** Parses the result of a transaction status query. Never throws. */
export function readTransactionStatus(bodyText: string): TransactionFacts {
  const result = parseCommandResult(bodyText);
  if (!result) return { kind: "unreadable", why: "not a result" };
  const { code, message, parameters, transactionId } = result;
  if (code !== "0") {
    if (isInitiatorFault(result)) return { kind: "misconfigured", code, message };
    // The code for this is not documented, so the message decides; an unclear message is no answer.
    if (/does not exist|not found|no such transaction/i.test(message)) return { kind: "unknown_receipt", code, message };
    return { kind: "no_answer", code, message };
  }
  const receipt = readReceipt(parameters.get("ReceiptNo")) ?? readReceipt(transactionId);
  const status = parameters.get("TransactionStatus");
  if (receipt === null || typeof status !== "string") return { kind: "unreadable", why: "the receipt or the status is missing" };
  return {
    kind: "transaction",
    receipt,
    isCompleted: /^completed$/i.test(status.trim()),
    amountKes: readShillings(parameters.get("Amount")),
    paidTo: numberOf(parameters.get("CreditPartyName")),
    payer: numberOf(parameters.get("DebitPartyName")),
    paidAtMs: fromNairobiStamp(parameters.get("FinalisedTime")) ?? fromNairobiStamp(parameters.get("InitiatedTime")),
  };
}

/** The number in `254708374149 - JOHN DOE`; the name is dropped for privacy. Empty if there is no number in a known form. */
function numberOf(party: unknown): string {
  const text = typeof party === "number" ? String(party) : typeof party === "string" ? party : "";
  const number = text.split(" - ")[0]?.replaceAll(" ", "") ?? "";
  return /^[\d*•xX]{5,16}$/.test(number) ? number : "";
}
