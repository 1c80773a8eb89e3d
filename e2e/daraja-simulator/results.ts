/** How a prompt can end, with Safaricom's different texts for it in callbacks and queries. */

interface ResultText {
  callback: string;
  /** The text of a status query, if it differs. */
  query?: string;
  /** The failing component that older callbacks put before the text. */
  component?: string;
}

const texts: Readonly<Record<string, ResultText>> = {
  "0": { callback: "The service request is processed successfully." },
  "1": { callback: "The balance is insufficient for the transaction." },
  "2": { callback: "Declined due to limit rule." },
  "3": { callback: "Declined due to limit rule: greater than the maximum transaction amount." },
  "4": { callback: "Declined due to limit rule: would exceed daily transfer limit." },
  "8": { callback: "Declined due to limit rule: would exceed the maximum balance." },
  "17": { callback: "Rule limited." },
  "26": { callback: "System busy. The service request is rejected." },
  "1001": { callback: "Unable to lock subscriber, a transaction is already in process for the current subscriber" },
  "1019": { callback: "Transaction has expired.", query: "Transaction expired. No MO has been received" },
  "1025": { callback: "An error occurred while sending a push request." },
  "1032": { callback: "Request cancelled by user", query: "Request Cancelled by user.", component: "STK_CB" },
  "1036": { callback: "SMSC ACK timeout." },
  "1037": { callback: "No response from user.", query: "DS timeout user cannot be reached." },
  "2001": { callback: "The initiator information is invalid.", component: "MpesaCB" },
  "2028": { callback: "The request is not permitted according to product assignment." },
  // Safaricom does not document the result for an unknown receipt. The code was reported once; the text is the simulator's.
  "2032": { callback: "The transaction receipt number does not exist." },
  "8006": { callback: "The security credential is locked." },
  "9999": { callback: "An error occurred while sending a push request." },
  R000001: { callback: "The transaction has already been reversed." },
  R000002: { callback: "The OriginalTransactionID is invalid." },
  SFC_IC0003: { callback: "The operator does not exist." },
};

/** The text for codes that are on no list, such as `E3008`. */
const UNLISTED_TEXT = "The transaction could not be completed.";
/** The callback's text for 1037 if the phone could not be reached. */
export const UNREACHABLE_TEXT = "DS timeout user cannot be reached.";

export function callbackText(code: string, bracketed: boolean): string {
  const known = texts[code];
  if (known === undefined) return UNLISTED_TEXT;
  return bracketed && known.component !== undefined ? `[${known.component} - ]${known.callback}` : known.callback;
}

export function queryText(code: string): string {
  const known = texts[code];
  return known?.query ?? known?.callback ?? UNLISTED_TEXT;
}
