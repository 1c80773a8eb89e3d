/** Delays and time limits. Each can be changed while the simulator runs and then applies to what begins later. */
import { z } from "zod";

/** The longest delay a timer takes (2^31 - 1 ms, about 24 days). */
const DELAY_MAX_MS = 2_147_483_647;
const delayMs = z.number().int().min(0).max(DELAY_MAX_MS);

export const timingsSchema = z.strictObject({
  pushReplyDelayMs: delayMs.describe("From the push to Safaricom's answer to it."),
  promptDelayMs: delayMs.describe("From the push to the prompt on the phone."),
  promptLifeMs: delayMs.describe("How long a prompt waits for a person on the phone page; then 1037."),
  noAnswerAfterMs: delayMs.describe("From the prompt to 1037 for the rules `no_answer` and `offline`."),
  lockMs: delayMs.describe("How long an unanswered prompt keeps the subscriber locked, from the push. An answer frees it at once."),
  callbackDelayMs: delayMs.describe("From the outcome to its callback."),
  callbackTimeoutMs: delayMs.describe("How long Safaricom waits for the answer to a callback or a result."),
  resultDelayMs: delayMs.describe("From an accepted status query or reversal to its result. What it does is done at once."),
  c2bValidationTimeoutMs: delayMs.describe("How long Safaricom waits for the answer to a C2B validation."),
  holdReplyMs: delayMs.describe("With `callbackBeforeReply` and `resultBeforeReply`: the longest that the answer is held back."),
  queryTooEarlyMs: delayMs.describe("A query this soon after its push is answered with Invalid CheckoutRequestID."),
  queryPeriodMs: delayMs.describe("The period to which `queriesPerPeriod` applies."),
  queriesPerPeriod: z.number().int().min(1).describe("Evenly spaced, as Apigee's spike arrest does: 5 per 60 s is one every 12 s."),
  sameAmountWindowMs: delayMs.describe("With `sameAmountRule`: how long the same amount to the same site is refused (17)."),
  tokenLifeMs: delayMs.describe("Life of an access token; `expires_in` is this in seconds."),
});
export type Timings = z.infer<typeof timingsSchema>;
export const timingsPatchSchema = timingsSchema.partial();
export type TimingsPatch = z.infer<typeof timingsPatchSchema>;

/** Safaricom's own limits, without its mere delays, so that tests do not wait for those. */
export const defaultTimings: Timings = {
  pushReplyDelayMs: 0,
  promptDelayMs: 0,
  promptLifeMs: 60_000,
  noAnswerAfterMs: 26_000,
  lockMs: 60_000,
  callbackDelayMs: 0,
  callbackTimeoutMs: 10_000,
  resultDelayMs: 0,
  c2bValidationTimeoutMs: 8_000,
  holdReplyMs: 10_000,
  queryTooEarlyMs: 0,
  queryPeriodMs: 60_000,
  queriesPerPeriod: 5,
  sameAmountWindowMs: 120_000,
  tokenLifeMs: 3_599_000,
};

/** For the demo: a prompt after a moment, and the outcome a moment after the PIN. */
export const lifelikeTimings: TimingsPatch = { pushReplyDelayMs: 500, promptDelayMs: 1_200, callbackDelayMs: 1_500, resultDelayMs: 1_500 };
