/** The time now in UTC milliseconds. Handed to everything that needs it, so that a test or a simulation can be the one who tells it. */
export type Clock = () => number;

export const systemClock: Clock = () => Date.now();
