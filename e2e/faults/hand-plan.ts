/** Payments from the M-Pesa menu in a storm: who makes one, with which errors, and what happens to the paybill's notices. */
import type { FaultsPatch } from "../daraja-simulator/faults.ts";
import type { Random } from "../daraja-simulator/ids.ts";
import { between, draw, pick } from "./random-choice.ts";

export interface HandPlan {
  /** Named in the report. */
  readonly kind: string;
  /** `first`: before any prompt. `instead`: after the prompts have failed. `again`: after the booking was paid. */
  readonly when: "first" | "instead" | "again";
  /** Added to the booking's price. */
  readonly overKes: number;
  /** Whether the typed reference is the booking's. */
  readonly isFound: boolean;
  /** The account number that the payer types for the booking's reference. */
  readonly typed: (reference: string) => string;
}

const asItIs = (reference: string): string => reference;
/** References contain none of these characters, so that one in a typed reference is an error that cannot be corrected. */
const IN_NO_REFERENCE = "0O1ILUV";

const handDraws: readonly (readonly [share: number, draw: (random: Random) => HandPlan])[] = [
  [4, () => ({ kind: "by hand", when: "first", overKes: 0, isFound: true, typed: asItIs })],
  [
    4,
    (random) => ({
      kind: "by hand, the reference in small letters, with blanks and dashes",
      when: "first",
      overKes: 0,
      isFound: true,
      typed: pick(random, [
        (reference) => reference.toLowerCase(),
        (reference) => ` ${reference.slice(0, 4)} ${reference.slice(4)}`,
        (reference) => `${reference.slice(0, 4).toLowerCase()}-${reference.slice(4)}`,
        (reference) => reference.split("").join(" "),
      ]),
    }),
  ],
  [2, () => ({ kind: "by hand, part of the price", when: "first", overKes: -100, isFound: true, typed: asItIs })],
  [1, () => ({ kind: "by hand, more than the price", when: "first", overKes: 100, isFound: true, typed: asItIs })],
  [
    2,
    (random) => {
      const at = between(random, 0, 7);
      const misread = pick(random, IN_NO_REFERENCE.split(""));
      return {
        kind: "by hand, the reference misread",
        when: "first",
        overKes: 0,
        isFound: false,
        typed: (reference) => reference.slice(0, at) + misread + reference.slice(at + 1),
      };
    },
  ],
  [1, () => ({ kind: "by hand, an unknown account number", when: "first", overKes: 0, isFound: false, typed: () => "LESSON" })],
  [2, () => ({ kind: "by hand, after the prompts had failed", when: "instead", overKes: 0, isFound: true, typed: asItIs })],
  [2, () => ({ kind: "by hand, once more after it was paid", when: "again", overKes: 0, isFound: true, typed: asItIs })],
];

export const handAfterLapse: HandPlan = { kind: "by hand, after the lapse", when: "first", overKes: 0, isFound: true, typed: asItIs };

export function planHand(random: Random): HandPlan | null {
  return draw(random, handDraws);
}

/** For half of the payers the paybill sends no notice beside the callback, as without registered addresses, so that a lost callback stays lost. */
const noticeDraws: readonly (readonly [share: number, draw: (random: Random) => FaultsPatch])[] = [
  [50, () => ({ c2bBesideStk: false })],
  [8, () => ({ c2bConfirmationLost: true })],
  [8, (random) => ({ c2bConfirmationCopies: between(random, 2, 4) })],
  [8, (random) => ({ c2bConfirmationLateMs: between(random, 1_000, 8_000) })],
];
/** Ordinary ones are shuffled with the callbacks. */
const NOTICE_DELAY_MAX_MS = 400;

/** Draws what happens to the paybill's notice of one payment. */
export function drawNotice(random: Random): FaultsPatch {
  return draw(random, noticeDraws) ?? { c2bConfirmationLateMs: between(random, 0, NOTICE_DELAY_MAX_MS) };
}

/** Faults of the results for typed codes and refunds: shares in percent. */
const resultDraws: readonly (readonly [share: number, draw: (random: Random) => FaultsPatch])[] = [
  [12, (random) => ({ resultLateMs: between(random, 1_000, 8_000) })],
  [15, (random) => ({ resultCopies: between(random, 2, 4), resultCopyGapMs: pick(random, [0, 400]) })],
  [8, () => ({ resultBeforeReply: true })],
  [8, () => ({ requestReply: "reset_after_accept" })],
  [5, () => ({ requestAnswer: "internal_error", requestAcceptedAnyway: true })],
  [8, () => ({ resultCodes: "string", resultNumbers: "string", resultParametersReordered: true })],
];
/** Without a result a code is typed again after a minute, and a refund is requested again after two. */
const silentDraws: typeof resultDraws = [
  [12, () => ({ resultLost: true })],
  [5, () => ({ requestDropped: true })],
  [5, () => ({ resultTimedOut: true })],
];

/** Draws the faults of one status query or reversal; null: none. */
export function drawResult(random: Random, isPatient: boolean): FaultsPatch | null {
  return (isPatient ? draw(random, silentDraws) : null) ?? draw(random, resultDraws);
}
