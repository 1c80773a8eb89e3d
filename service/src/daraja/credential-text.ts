/** Safaricom's keys, secrets and passkeys are visible ASCII. Anything else came in while copying, and would only show as a refused payment. */
export const CREDENTIAL_TEXT = /^[!#-&(-_a-~]+$/;

export const CREDENTIAL_TEXT_PROBLEM =
  "must be the text from Safaricom's portal alone: without blanks, quotes or invisible characters in it";
