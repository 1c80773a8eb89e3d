/** Switches for the ways in which Safaricom misbehaves: for everybody, for one phone, or for the next call only. */
import { z } from "zod";

/** Reports name 2 to 4 duplicates; 20 leaves room for load tests. */
const COPIES_MAX = 20;
const lateMs = z.number().int().min(0).max(2_147_483_647);
const httpStatus = z.number().int().min(200).max(599);

export const pushAnswers = [
  "invalid_token",
  "no_product",
  "merchant_unknown",
  "wrong_credentials",
  "locked",
  "system_busy",
  "spike_arrest",
  "quota",
  "internal_error",
  "html",
  "empty",
] as const;
export const inFlightAnswers = ["4999", "empty_error", "being_processed", "does_not_exist", "too_early"] as const;
export const queryAnswers = [...inFlightAnswers, "E3008", "rate_limited", "internal_error", "html", "empty", "reset", "hang"] as const;
export const requestAnswers = ["invalid_token", "system_busy", "internal_error", "html", "empty"] as const;

const oauthFaults = {
  newestTokenOnly: z.boolean().describe("A new token ends the one before it."),
  expiresInAsNumber: z.boolean().describe("`expires_in` as a number, as the 2025 page shows it."),
  oauthAnswer: z
    .enum(["wrong_credentials", "system_busy", "html", "reset", "hang"])
    .nullable()
    .describe("Answer every token request like this."),
};
const pushFaults = {
  pushAnswer: z.enum(pushAnswers).nullable().describe("Answer a valid push like this; no prompt goes out, unless `pushAcceptedAnyway`."),
  pushAcceptedAnyway: z.boolean().describe("The prompt goes out although the answer says otherwise: the ambiguous case."),
  pushAnswerStatus: httpStatus.nullable().describe("The HTTP status of an error answer: 200 gives the error body with HTTP 200."),
  pushReply: z
    .enum(["sent", "reset_after_accept", "hang_after_accept", "reset_before_accept", "hang_before_accept"])
    .describe("Whether the answer arrives: the connection is cut or hangs, after or before the prompt was accepted."),
  lockLeaks: z.boolean().describe("A second prompt to a phone with an open one is accepted."),
  sameAmountRule: z.boolean().describe("The same amount from one phone to one site again within `sameAmountWindowMs`: 17."),
  strictCallbackUrl: z.boolean().describe("Refuse forbidden words, upper case hosts, and http that is not loopback."),
};
const callbackFaults = {
  callbackLost: z.boolean(),
  callbackLateMs: lateMs.describe("On top of `callbackDelayMs`."),
  callbackCopies: z.number().int().min(1).max(COPIES_MAX).describe("How many times it is delivered."),
  callbackCopyGapMs: lateMs.describe("Between two copies; 0 sends them at once."),
  callbackBeforeReply: z.boolean().describe("The push's answer waits until the callback was delivered (or `holdReplyMs`)."),
  callbackRedeliveries: z.number().int().min(0).max(COPIES_MAX).describe("Tries after a 5xx or no answer. Safaricom's is 0."),
  callbackItems: z.enum(["with_balance", "four", "empty", "absent"]),
  callbackBalance: z.enum(["absent", "number", "string"]).describe("The Value of Balance."),
  callbackItemsReordered: z.boolean(),
  callbackPhone: z.enum(["number", "string", "masked", "absent"]),
  callbackAmount: z.enum(["two_decimals", "integer", "string"]),
  callbackAmountOffKes: z.number().int().describe("Added to the amount that the callback reports: a wrong amount."),
  callbackCodes: z.enum(["number", "string"]),
  callbackBracketedText: z.boolean().describe("ResultDesc as `[STK_CB - ]…`, as older callbacks have it."),
  callbackForeignId: z.boolean().describe("The callback carries a CheckoutRequestID that nobody has asked for."),
  lateMoneyMs: lateMs.nullable().describe("The money moves this long after 1037 was reported, and a second callback says 0."),
  c2bBesideStk: z.boolean().describe("A paybill with C2B URLs gets a confirmation as well for money that answered a prompt."),
  c2bConfirmationLost: z.boolean(),
  c2bConfirmationLateMs: lateMs.describe("On top of `callbackDelayMs`."),
  c2bConfirmationCopies: z.number().int().min(1).max(COPIES_MAX),
};
const queryFaults = {
  queryInFlight: z.enum(inFlightAnswers).describe("What a query answers while the prompt is open."),
  queryAnswer: z.enum(queryAnswers).nullable().describe("What a query answers whatever the outcome."),
  queryAnswerStatus: httpStatus.nullable().describe("The HTTP status of `queryAnswer`."),
  queryRateLimited: z.boolean().describe("429 beyond `queriesPerPeriod`."),
};

/** Faults of the two calls with a later result: transaction status and reversal. */
const conversationFaults = {
  requestAnswer: z
    .enum(requestAnswers)
    .nullable()
    .describe("Answer a valid request like this; nothing is done, unless `requestAcceptedAnyway`."),
  requestAcceptedAnyway: z.boolean().describe("It is done, and its result sent, although the answer says otherwise."),
  requestAnswerStatus: httpStatus.nullable().describe("The HTTP status of an error answer."),
  requestReply: z
    .enum(["sent", "reset_after_accept", "hang_after_accept", "reset_before_accept", "hang_before_accept"])
    .describe("Whether the answer arrives: the connection is cut or hangs, after or before the request was accepted."),
  requestDropped: z.boolean().describe("Accepted, but never carried out: no result, and no money moves."),
  resultFailure: z.string().min(1).max(20).nullable().describe("Carry nothing out and end with this result code."),
  resultLost: z.boolean(),
  resultLateMs: lateMs.describe("On top of `resultDelayMs`."),
  resultCopies: z.number().int().min(1).max(COPIES_MAX).describe("How many times it is delivered."),
  resultCopyGapMs: lateMs.describe("Between two copies; 0 sends them at once."),
  resultBeforeReply: z.boolean().describe("The answer waits until the result was delivered (or `holdReplyMs`)."),
  resultTimedOut: z.boolean().describe("A notice to QueueTimeOutURL instead of a result; what was asked for is done all the same."),
  resultCodes: z.enum(["number", "string"]),
  resultParameters: z.enum(["all", "few", "single", "empty", "absent"]).describe("`single`: one parameter, as an object, not a list."),
  resultParametersReordered: z.boolean(),
  resultNumbers: z.enum(["number", "string"]).describe("Amounts and times."),
  resultDebitParty: z.enum(["full", "masked", "no_number", "absent"]).describe("The payer, as a status names him."),
  resultAmountOffKes: z.number().int().describe("Added to the amount that the result reports."),
  resultForeignId: z.boolean().describe("The result carries conversation ids that nobody has been told."),
};

export const faultsSchema = z.strictObject({ ...oauthFaults, ...pushFaults, ...callbackFaults, ...queryFaults, ...conversationFaults });
export type Faults = z.infer<typeof faultsSchema>;
export const faultsPatchSchema = faultsSchema.partial();
export type FaultsPatch = z.infer<typeof faultsPatchSchema>;

/** Safaricom on an ordinary day. Some of these are its normal behaviour rather than faults. */
export const defaultFaults: Faults = {
  newestTokenOnly: true,
  expiresInAsNumber: false,
  oauthAnswer: null,
  pushAnswer: null,
  pushAcceptedAnyway: false,
  pushAnswerStatus: null,
  pushReply: "sent",
  lockLeaks: false,
  sameAmountRule: false,
  strictCallbackUrl: false,
  callbackLost: false,
  callbackLateMs: 0,
  callbackCopies: 1,
  callbackCopyGapMs: 0,
  callbackBeforeReply: false,
  callbackRedeliveries: 0,
  callbackItems: "with_balance",
  callbackBalance: "absent",
  callbackItemsReordered: false,
  callbackPhone: "number",
  callbackAmount: "two_decimals",
  callbackAmountOffKes: 0,
  callbackCodes: "number",
  callbackBracketedText: false,
  callbackForeignId: false,
  lateMoneyMs: null,
  c2bBesideStk: true,
  c2bConfirmationLost: false,
  c2bConfirmationLateMs: 0,
  c2bConfirmationCopies: 1,
  queryInFlight: "4999",
  queryAnswer: null,
  queryAnswerStatus: null,
  queryRateLimited: true,
  requestAnswer: null,
  requestAcceptedAnyway: false,
  requestAnswerStatus: null,
  requestReply: "sent",
  requestDropped: false,
  resultFailure: null,
  resultLost: false,
  resultLateMs: 0,
  resultCopies: 1,
  resultCopyGapMs: 0,
  resultBeforeReply: false,
  resultTimedOut: false,
  resultCodes: "number",
  resultParameters: "all",
  resultParametersReordered: false,
  resultNumbers: "number",
  resultDebitParty: "full",
  resultAmountOffKes: 0,
  resultForeignId: false,
};

/**
 * The calls that a one-shot fault can wait for. A push's own faults stay with it until its callback is delivered, and those of a status query
 * or reversal until its result is.
 */
export type FaultMoment = "oauth" | "push" | "query" | "request";
/** The two kinds of `request`. */
export type RequestKind = "status" | "reversal";
const momentKeys: Readonly<Record<FaultMoment, ReadonlySet<string>>> = {
  oauth: new Set(Object.keys(oauthFaults)),
  push: new Set([...Object.keys(pushFaults), ...Object.keys(callbackFaults)]),
  query: new Set(Object.keys(queryFaults)),
  request: new Set(Object.keys(conversationFaults)),
};

/** The call that these faults all concern; undefined if they concern none, or more than one. */
export function momentOf(faults: FaultsPatch): FaultMoment | undefined {
  const names = Object.keys(faults);
  if (names.length === 0) return undefined;
  return (["oauth", "push", "query", "request"] as const).find((moment) => names.every((name) => momentKeys[moment].has(name)));
}

export interface NextFaults {
  faults: FaultsPatch;
  /** Only for a call that concerns this phone. */
  phone?: string | undefined;
  /** Only for a status query, or only for a reversal; default either. Ignored for other calls. */
  request?: RequestKind | undefined;
  /** For how many calls; default 1. */
  times?: number | undefined;
}
