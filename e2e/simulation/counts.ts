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
    /** Payments from the M-Pesa menu. */
    byHand: 0,
    codesTyped: 0,
    refundsAsked: 0,
    /** Payments that the owner settled by hand. */
    settled: 0,
    /** Money that the owner assigned to a booking, or entered from the statement. */
    assigned: 0,
    /** Callbacks that the owner had processed once more. */
    replayed: 0,
    /** How often the site moved to its other M-Pesa account. */
    accountChanges: 0,
    /** Status queries and reversals that reached Safaricom. */
    commands: 0,
    /** Payments of which no report arrived and which could not be queried. Their payers typed the codes in the end. */
    moneyUnreported: 0,
  };
}
export type Counts = ReturnType<typeof newCounts>;
