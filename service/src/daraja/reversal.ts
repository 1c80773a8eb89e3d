/** Giving money back: Safaricom reverses the transaction with this receipt, whole. */
import { commandFields, isInitiatorFault, parseCommandResult, type Command } from "./command.ts";
import type { DarajaCredentials, Initiator, ResultAddresses, ReversalOutcome, ReversalRequest } from "./daraja-types.ts";
import { readReceipt, readShillings } from "./untrusted-json.ts";

/** Safaricom's number for "an organisation that takes money". */
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
    // Their spelling.
    RecieverIdentifierType: RECEIVER_IDENTIFIER,
    Remarks: remarks,
  };
  return { path: "/mpesa/reversal/v1/request", body };
}

/**
 * Reads the result that comes for a reversal. `done` only on Safaricom's own word; "already reversed" is that word too.
 * A result that names another conversation, transaction or amount is `unreadable`. Never throws.
 */
export function readReversal(
  bodyText: string,
  asked: Pick<ReversalRequest, "receipt" | "amountKes"> & { conversationId: string | null },
): ReversalOutcome {
  const result = parseCommandResult(bodyText);
  if (!result) return { kind: "unreadable", why: "not a result" };
  const { code, message, parameters, conversationId } = result;
  if (asked.conversationId !== null && conversationId !== null && conversationId !== asked.conversationId)
    return { kind: "unreadable", why: "it is of another conversation" };
  const named = readReceipt(parameters.get("OriginalTransactionID"));
  if (named !== null && named !== asked.receipt) return { kind: "unreadable", why: "it is about another transaction" };
  const amount = parameters.get("Amount");
  if (amount !== undefined && readShillings(amount) !== asked.amountKes) return { kind: "unreadable", why: "it is about another amount" };
  if (code === "0") return { kind: "done", code, message };
  if (code === ALREADY_REVERSED) return { kind: "done", code, message };
  return { kind: "failed", code, message, isMisconfigured: isInitiatorFault(result) };
}
