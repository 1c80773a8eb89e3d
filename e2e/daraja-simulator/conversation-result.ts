/** The JSON of a result, as text: the recordings have `"Value":1.00`, where a JSON library would write 1. */
import type { Account } from "./accounts.ts";
import { PAYER_NAME, PAYER_NAME_MASKED } from "./c2b.ts";
import type { Conversation } from "./conversation.ts";
import type { Faults } from "./faults.ts";
import type { LedgerEntry } from "./ledger.ts";
import { nairobiTimestamp } from "./nairobi-time.ts";
import { callbackText } from "./results.ts";

export interface ConversationResult {
  conversation: Conversation;
  account: Account;
  code: string;
  /** The receipt of this transaction, such as the reversal. */
  transactionId: string;
  occasion: string;
  /** The payment in question, as it is now; absent if the code is not 0. */
  entry?: LedgerEntry | undefined;
}

interface Parameter {
  key: string;
  /** JSON text; absent for a parameter without a Value. */
  value?: string | undefined;
}

const parameterJson = ({ key, value }: Parameter) => `{"Key":${JSON.stringify(key)}${value === undefined ? "" : `,"Value":${value}`}}`;
const quoted = (key: string, value: string): Parameter => ({ key, value: JSON.stringify(value) });

export function resultJson(result: ConversationResult, faults: Faults): string {
  const { conversation, code, transactionId, occasion, entry } = result;
  const parameters =
    entry === undefined
      ? []
      : conversation.kind === "status"
        ? statusParameters(result, entry, faults)
        : reversalParameters(result, entry, faults);
  const reference =
    conversation.kind === "reversal"
      ? quoted("QueueTimeoutURL", "https://internalsandbox.safaricom.co.ke/mpesa/reversalresults/v1/submit")
      : { key: "Occasion", value: occasion === "" ? undefined : JSON.stringify(occasion) };
  const head = headJson({ ...conversation, code, text: callbackText(code, false) }, transactionId, faults);
  const told = entry === undefined ? "" : parametersJson(parameters, fewOf[conversation.kind], faults);
  return `{"Result":{${head}${told},"ReferenceData":{"ReferenceItem":${parameterJson(reference)}}}}`;
}

/** Safaricom documents no body for this notice; this one is the simulator's own. */
export function timeoutJson(conversation: Conversation, transactionId: string, faults: Faults): string {
  const ending = { ...conversation, code: "1037", text: "DS timeout user cannot be reached." };
  return `{"Result":{${headJson(ending, transactionId, faults)}}}`;
}

interface Ending {
  originatorConversationId: string;
  conversationId: string;
  code: string;
  text: string;
}

function headJson({ originatorConversationId, conversationId, code, text }: Ending, transactionId: string, faults: Faults): string {
  const isNumber = /^\d+$/.test(code) && faults.resultCodes === "number";
  return (
    `"ResultType":0,"ResultCode":${isNumber ? code : JSON.stringify(code)},"ResultDesc":${JSON.stringify(text)},` +
    `"OriginatorConversationID":${JSON.stringify(originatorConversationId)},"ConversationID":${JSON.stringify(conversationId)},` +
    `"TransactionID":${JSON.stringify(transactionId)}`
  );
}

/** The parameters of `few`; `single` has only the first of them. */
const fewOf: Readonly<Record<Conversation["kind"], readonly string[]>> = {
  status: ["TransactionStatus", "ReceiptNo"],
  reversal: ["OriginalTransactionID", "TransCompletedTime"],
};

function parametersJson(all: Parameter[], few: readonly string[], { resultParameters, resultParametersReordered }: Faults): string {
  if (resultParameters === "absent") return "";
  const kept =
    resultParameters === "few" ? few : resultParameters === "single" ? few.slice(0, 1) : resultParameters === "empty" ? [] : null;
  const told = (kept === null ? all : all.filter(({ key }) => kept.includes(key))).map(parameterJson);
  const list = `[${(resultParametersReordered ? told.toReversed() : told).join(",")}]`;
  return `,"ResultParameters":{"ResultParameter":${resultParameters === "single" ? told.join() : list}}`;
}

function statusParameters({ account }: ConversationResult, entry: LedgerEntry, faults: Faults): Parameter[] {
  const payer = payerName(entry.payerPhone, faults.resultDebitParty);
  const at = numeric(nairobiTimestamp(entry.at), faults);
  return [
    ...(payer === undefined ? [] : [quoted("DebitPartyName", payer)]),
    quoted("CreditPartyName", `${entry.till ?? entry.shortcode} - ${account.businessName}`),
    // The ids of the payment, not of this query. A payment that the payer started has none.
    { key: "OriginatorConversationID" },
    { key: "InitiatedTime", value: at },
    quoted("DebitAccountType", "MMF Account For Customer"),
    quoted("DebitPartyCharges", ""),
    { key: "TransactionReason" },
    quoted("ReasonType", reasonType(entry)),
    quoted("TransactionStatus", entry.reversedAt === undefined ? "Completed" : "Reversed"),
    { key: "FinalisedTime", value: at },
    { key: "Amount", value: numeric(String(entry.amountKes + faults.resultAmountOffKes), faults) },
    { key: "ConversationID" },
    quoted("ReceiptNo", entry.receipt),
  ];
}

function reversalParameters({ account, conversation }: ConversationResult, entry: LedgerEntry, faults: Faults): Parameter[] {
  const money = (amountKes: number) => numeric(amountKes.toFixed(2), faults);
  const payer = payerName(entry.payerPhone, faults.resultDebitParty);
  return [
    // The balances are invented; do not rely on them.
    quoted("DebitAccountBalance", "Utility Account|KES|0.00|0.00|0.00|0.00"),
    { key: "Amount", value: money(entry.amountKes + faults.resultAmountOffKes) },
    { key: "TransCompletedTime", value: numeric(nairobiTimestamp(conversation.acceptedAt), faults) },
    quoted("OriginalTransactionID", entry.receipt),
    { key: "Charge", value: money(0) },
    ...(payer === undefined ? [] : [quoted("CreditPartyPublicName", payer)]),
    quoted("DebitPartyPublicName", `${entry.till ?? entry.shortcode} - ${account.businessName}`),
  ];
}

function numeric(digits: string, { resultNumbers }: Faults): string {
  return resultNumbers === "number" ? digits : JSON.stringify(digits);
}

function reasonType({ kind, till }: LedgerEntry): string {
  if (till !== undefined) return kind === "stk" ? "Buy Goods to organization via STK Push" : "Customer Merchant Payment";
  return kind === "stk" ? "Pay Bill to organization via STK Push" : "Pay Bill Online";
}

function payerName(phone: string, form: Faults["resultDebitParty"]): string | undefined {
  switch (form) {
    case "full":
      return `${phone} - ${PAYER_NAME}`;
    case "masked":
      return `${phone.slice(0, 4)}*****${phone.slice(-3)} - ${PAYER_NAME_MASKED}`;
    case "no_number":
      return PAYER_NAME;
    case "absent":
      return undefined;
  }
}
