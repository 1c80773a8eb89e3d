import type { Random } from "./random.ts";

/** How a world treats the service. Probabilities are each call's. */
export type Faults = {
  copies: number;
  /** A copy dies at a call: before it took effect, or after, before the copy learnt of it. */
  crash: number;
  /** The database drops a statement: before it took effect, or after. */
  statementFails: number;
  /** How often, in milliseconds on average, the database goes away for everybody; 0: never. */
  outageEveryMs: number;
  /** The journal's disk refuses. */
  diskFails: number;
  /** A notification is lost on its way to one copy. */
  notificationLost: number;
  slowestStatementMs: number;
  clockSkewMs: number;
  queriesPerMinute: number;
  /** Safaricom answers a question with 429, or not at all. */
  queryRefused: number;
};

/** From a world where all goes well to one where nothing does; most have one trouble in particular, so that its effects are not hidden by others. */
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
