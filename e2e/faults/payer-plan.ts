/** What happens to each payer of a storm, drawn from the seed and the payer's number only, so that it does not depend on timing. */
import type { FaultsPatch } from "../daraja-simulator/faults.ts";
import { seededRandom, type Random } from "../daraja-simulator/ids.ts";
import type { PhoneRule } from "../daraja-simulator/phones.ts";
import { drawNotice, planHand, type HandPlan } from "./hand-plan.ts";
import { between, draw, pick } from "./random-choice.ts";

/** One tap on "Pay": how the phone answers, and what Safaricom does wrong meanwhile. */
export interface AttemptPlan {
  /** The fault's name in the report, where it is counted when it happens. */
  readonly fault: string | null;
  readonly faults: FaultsPatch;
  readonly query: FaultsPatch | null;
  /** The push is refused and nothing reaches the phone. */
  readonly refused: boolean;
  readonly rule: PhoneRule;
  /** The failure callback is held back until the success callback has been sent. */
  readonly overtaken: boolean;
  /** After the failure callback nothing more is reported, not even money that moves later. */
  readonly silentAfterwards: boolean;
}

export interface PayerPlan {
  readonly number: number;
  readonly phone: string;
  readonly sessionType: string;
  /** Whether the parent sends two requests at once: by a double click, or from two tabs. */
  readonly click: "once" | "same_key_twice" | "two_keys";
  readonly watch: "polling" | "stream";
  /** Tried in turn while the one before failed. The last one is a payment without faults. */
  readonly attempts: readonly [AttemptPlan, ...AttemptPlan[]];
  /** The booking lapses after a minute, and only then the parent pays. */
  readonly lapses: boolean;
  /** A payment from the M-Pesa menu, in addition to the prompts or instead of them. */
  readonly byHand: HandPlan | null;
  readonly random: Random;
}

export const sessionTypes = [
  { code: "maths-1h", name: "Maths, one hour", amount: 1_500, durationMinutes: 60 },
  { code: "reading-30m", name: "Reading, half an hour", amount: 700, durationMinutes: 30 },
  { code: "physics-2h", name: "Physics, two hours", amount: 2_950, durationMinutes: 120 },
] as const;

/** The longest time until a person enters the PIN; shorter than the real half minute, so that storms are short. */
const ANSWER_MAX_MS = 1_500;
/** The greatest delay of an ordinary callback, enough to change their order. */
const ORDINARY_DELAY_MAX_MS = 400;
/** Large enough to keep storms with different seeds apart. */
const SEEDS_APART = 1_000_003;

const LATE_MONEY = "money after the prompt had failed";

type Draw = Pick<AttemptPlan, "fault" | "faults"> & Partial<AttemptPlan>;

/** Shares in percent; the rest is an ordinary payment. */
const faultDraws: readonly (readonly [share: number, draw: (random: Random) => Draw])[] = [
  [11, () => ({ fault: "callback lost", faults: { callbackLost: true } })],
  [
    3,
    (random) => ({
      fault: "callback lost, and a bad answer to the first query",
      faults: { callbackLost: true },
      query: {
        queryAnswer: pick(random, ["empty_error", "being_processed", "does_not_exist", "internal_error", "html", "empty", "reset"]),
      },
    }),
  ],
  [9, (random) => ({ fault: "callback 2 to 4 times at once", faults: { callbackCopies: between(random, 2, 4) } })],
  [
    6,
    (random) => ({
      fault: "callback 2 to 4 times, spread out",
      faults: { callbackCopies: between(random, 2, 4), callbackCopyGapMs: between(random, 50, 1_500) },
    }),
  ],
  [8, (random) => ({ fault: "callback late", faults: { callbackLateMs: between(random, 1_000, 8_000) } })],
  [8, () => ({ fault: "callback before the push's reply", faults: { callbackBeforeReply: true } })],
  [
    7,
    (random) => ({
      fault: "callback in an odd shape",
      faults: {
        callbackCodes: "string",
        callbackItemsReordered: true,
        callbackBracketedText: random() < 0.5,
        callbackAmount: pick(random, ["integer", "string"]),
        callbackPhone: pick(random, ["string", "masked", "absent"]),
        callbackBalance: pick(random, ["number", "string"]),
      },
    }),
  ],
  [2, (random) => ({ fault: "callback without its items", faults: { callbackItems: pick(random, ["empty", "absent"]) } })],
  [1, () => ({ fault: "callback with a wrong amount", faults: { callbackAmountOffKes: 100 } })],
  [1, () => ({ fault: "callback with a foreign id", faults: { callbackForeignId: true } })],
  [5, () => ({ fault: "push's reply lost (connection cut)", faults: { pushReply: "reset_after_accept" } })],
  [1, () => ({ fault: "push's reply lost (no answer)", faults: { pushReply: "hang_after_accept" } })],
  [
    2,
    (random) => ({
      fault: "push answered with an error, but sent",
      faults: { pushAnswer: pick(random, ["internal_error", "html", "empty"]), pushAcceptedAnyway: true },
    }),
  ],
  [
    3,
    (random) => ({
      fault: "push refused",
      faults: { pushAnswer: pick(random, ["system_busy", "locked", "spike_arrest", "quota"]) },
      refused: true,
    }),
  ],
  [
    2,
    (random) => ({
      fault: LATE_MONEY,
      faults: { lateMoneyMs: between(random, 200, 4_000) },
      rule: { action: "no_answer" },
    }),
  ],
  [
    2,
    () => ({
      fault: "the success callback before the failure callback",
      faults: { lateMoneyMs: 400, callbackLateMs: 3_000 },
      rule: { action: "no_answer" },
      overtaken: true,
    }),
  ],
  [
    2,
    (random) => ({
      fault: `${LATE_MONEY}, without a callback`,
      faults: { lateMoneyMs: between(random, 2_500, 5_000) },
      rule: { action: "no_answer" },
      silentAfterwards: true,
    }),
  ],
];

/**
 * How phones answer unless the fault says it. Not with 26, 1001 or 9999: those count only in a callback, and if it is lost the attempt stays open for
 * a day, as intended.
 */
const ruleDraws: readonly (readonly [share: number, draw: (random: Random) => PhoneRule])[] = [
  [8, (random) => ({ action: "cancel", delayMs: between(random, 0, ANSWER_MAX_MS) })],
  [4, (random) => ({ action: "wrong_pin", delayMs: between(random, 0, ANSWER_MAX_MS) })],
  [3, (random) => ({ action: "insufficient", delayMs: between(random, 0, ANSWER_MAX_MS) })],
  [3, () => ({ action: "no_answer" })],
  [2, () => ({ action: "offline" })],
  [
    2,
    (random) => ({
      action: "fail",
      code: pick(random, ["17", "1019", "1025", "8006"]),
      delayMs: between(random, 0, ANSWER_MAX_MS),
    }),
  ],
];

/** @param isPatient also plans faults that take minutes to settle */
export function planPayer(seed: number, number: number, isPatient: boolean): PayerPlan {
  const random = seededRandom(seed * SEEDS_APART + number);
  const attempts: [AttemptPlan, ...AttemptPlan[]] = [planAttempt(random)];
  // Half of the parents whose payment fails do not try again.
  while (attempts.length < 3 && random() < 0.5) attempts.push(planAttempt(random));
  if (attempts.length > 1) attempts.push({ ...ordinary(random), rule: payRule(random) });
  return {
    number,
    // A range for examples; computed, so that no number is written in a file.
    phone: `2547000${String(number).padStart(5, "0")}`,
    sessionType: pick(random, sessionTypes).code,
    click:
      draw(random, [
        [7, () => "same_key_twice" as const],
        [5, () => "two_keys" as const],
      ]) ?? "once",
    watch: random() < 0.3 ? "stream" : "polling",
    attempts: isPatient ? attempts : toldInTime(attempts),
    byHand: planHand(random),
    lapses: isPatient && random() < 0.02,
    random,
  };
}

function toldInTime([first, ...others]: PayerPlan["attempts"]): PayerPlan["attempts"] {
  const told = (attempt: AttemptPlan): AttemptPlan =>
    attempt.silentAfterwards ? { ...attempt, fault: LATE_MONEY, silentAfterwards: false } : attempt;
  return [told(first), ...others.map(told)];
}

function planAttempt(random: Random): AttemptPlan {
  const drawn = draw(random, faultDraws);
  const rule = draw(random, ruleDraws) ?? payRule(random);
  const base = { ...ordinary(random), rule };
  return drawn === null ? base : { ...base, ...drawn, faults: { ...base.faults, ...drawn.faults } };
}

function ordinary(random: Random): Omit<AttemptPlan, "rule"> {
  return {
    fault: null,
    faults: { callbackLateMs: between(random, 0, ORDINARY_DELAY_MAX_MS), ...drawNotice(random) },
    query: null,
    refused: false,
    overtaken: false,
    silentAfterwards: false,
  };
}

function payRule(random: Random): PhoneRule {
  return { action: "pay", delayMs: between(random, 0, ANSWER_MAX_MS) };
}
