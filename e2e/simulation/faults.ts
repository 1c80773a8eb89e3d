import type { Random } from "./random.ts";

/** The faults of a world. Probabilities are per call. */
export type Faults = {
  copies: number;
  /** A copy dies at a call: before the call took effect, or after, before its answer. */
  crash: number;
  /** A statement fails: before it took effect, or after. */
  statementFails: number;
  /** The average time between outages of the database, in milliseconds; 0: none. */
  outageEveryMs: number;
  /** The journal's disk refuses a write. */
  diskFails: number;
  /** A notification is lost on its way to one copy. */
  notificationLost: number;
  slowestStatementMs: number;
  clockSkewMs: number;
  queriesPerMinute: number;
  /** Safaricom answers a query with 429, or not at all. */
  queryRefused: number;
};

/** Draws the faults of a world, from none to all. Most worlds have one main fault, so that others do not hide its effects. */
export function drawFaults(random: Random): Faults {
  const calm: Faults = {
    copies: random.between(1, 3),
    crash: 0,
    statementFails: 0,
    outageEveryMs: 0,
    diskFails: 0,
    notificationLost: 0,
    slowestStatementMs: random.pick([10, 60, 250]),
    clockSkewMs: random.pick([0, 0, 40]),
    queriesPerMinute: random.pick([5, 60, 600]),
    queryRefused: random.pick([0, 0.1, 0.3]),
  };
  const crash = random.pick([0.0005, 0.003]);
  switch (random.weighted({ calm: 3, crashes: 3, statements: 2, outages: 1, notifications: 1, everything: 2 })) {
    case "calm":
      return calm;
    case "crashes":
      return { ...calm, copies: 3, crash };
    case "statements":
      return { ...calm, statementFails: 0.01 };
    case "outages":
      return { ...calm, outageEveryMs: 120_000, diskFails: 0.02 };
    case "notifications":
      return { ...calm, notificationLost: 0.3 };
    case "everything":
      return { ...calm, copies: 3, crash, statementFails: 0.004, outageEveryMs: 300_000, diskFails: 0.02, notificationLost: 0.1 };
  }
}

export const NO_FAULTS: Omit<Faults, "copies" | "slowestStatementMs" | "clockSkewMs" | "queriesPerMinute"> = {
  crash: 0,
  statementFails: 0,
  outageEveryMs: 0,
  diskFails: 0,
  notificationLost: 0,
  queryRefused: 0,
};
