/** What happened in a world, counted. */
export function newCounts() {
  return {
    prompts: 0,
    crashes: 0,
    statementsFailed: 0,
    callbacksSent: 0,
    callbacksLost: 0,
    callbacksForged: 0,
    callbacksRefused: 0,
    queries: 0,
    /** Payments without a prompt. */
    byHand: 0,
    codesTyped: 0,
    refundsAsked: 0,
    /** Questions about receipts and requests to give money back that reached Safaricom. */
    commands: 0,
    /** Money that nobody ever told the service of, and about which it had nothing to ask by: its payers typed the codes in the end. */
    moneyUntold: 0,
  };
}
export type Counts = ReturnType<typeof newCounts>;
