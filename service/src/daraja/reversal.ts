/** Refunds: asks Safaricom to reverse a whole transaction by its receipt. */
import { commandFields, isInitiatorFault, parseCommandResult, type Command } from "./command.ts";
import type { DarajaCredentials, Initiator, ResultAddresses, ReversalOutcome, ReversalRequest } from "./daraja-types.ts";
import { readReceipt, readShillings } from "./untrusted-json.ts";

/** Safaricom's identifier type for an organisation that receives money. */
const RECEIVER_IDENTIFIER = "11";
const ALREADY_REVERSED = "R000001";

export function reversalCommand(
  credentials: DarajaCredentials,
  initiator: Initiator,
  { receipt, amountKes, remarks }: ReversalRequest,
  addresses: ResultAddresses,
): Command {
  const { shortcode, fields } = commandFields(credentials, initiator, addresses);
  const body = {
    ...fields,
    CommandID: "TransactionReversal",
    TransactionID: receipt,
    Amount: amountKes,
    ReceiverParty: credentials.till ?? shortcode,
    // Safaricom's spelling.
    RecieverIdentifierType: RECEIVER_IDENTIFIER,
    Remarks: remarks,
  };
  return { path: "/mpesa/reversal/v1/request", body };
}

/**
 * Parses the result of a reversal. `done` only if Safaricom confirms it; "already reversed" is a confirmation too.
 * A result for another conversation, transaction or amount is `unreadable`. Never throws.
 */
export function readReversal(
  bodyText: string,
  asked: Pick<ReversalRequest, "receipt" | "amountKes"> & { conversationId: string | null },
): ReversalOutcome {
  const result = parseCommandResult(bodyText);
  if (!result) return { kind: "unreadable", why: "not a result" };
  const { code, message, parameters, conversationId } = result;
  if (asked.conversationId !== null && conversationId !== null && conversationId !== asked.conversationId)
    return { kind: "unreadable", why: "the result is for another conversation" };
  const named = readReceipt(parameters.get("OriginalTransactionID"));
  if (named !== null && named !== asked.receipt) return { kind: "unreadable", why: "the result is for another transaction" };
  const amount = parameters.get("Amount");
  if (amount !== undefined && readShillings(amount) !== asked.amountKes)
    return { kind: "unreadable", why: "the result is for another amount" };
  if (code === "0") return { kind: "done", code, message };
  if (code === ALREADY_REVERSED) return { kind: "done", code, message };
  return { kind: "failed", code, message, isMisconfigured: isInitiatorFault(result) };
}
