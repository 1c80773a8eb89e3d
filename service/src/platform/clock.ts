/** The current time in UTC milliseconds. Passed as a parameter everywhere, so that tests and the simulation control time. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
