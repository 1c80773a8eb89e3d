/** POST /mpesa/stkpushquery/v1/query. The answer never has a receipt, an amount or a phone. */
import type { RequestHandler, Response } from "express";
import type { Accounts } from "./accounts.ts";
import { cutConnection, invalidField, rateLimited, RefusedCall, refusals, sendRefusal, type Refusal } from "./daraja-answers.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Faults } from "./faults.ts";
import type { Ids } from "./ids.ts";
import type { TokenDesk } from "./oauth.ts";
import type { PromptView } from "./prompt.ts";
import type { PromptDesk } from "./prompts.ts";
import { queryText } from "./results.ts";
import type { SpikeArrest } from "./spike-arrest.ts";
import { readQuery, verifyMerchant } from "./stk-request.ts";
import type { Timings } from "./timings.ts";

export interface StkQueryDeps {
  accounts: Accounts;
  tokens: TokenDesk;
  faults: FaultBook;
  prompts: PromptDesk;
  spikeArrest: SpikeArrest;
  timings: () => Timings;
  now: () => number;
  ids: Ids;
}

type Answer = NonNullable<Faults["queryAnswer"]>;

export function stkQuery(deps: StkQueryDeps): RequestHandler {
  const { accounts, tokens, faults, prompts, now, timings, ids } = deps;
  return (request, response) => {
    const caller = tokens.authorize(request);
    const { queryPeriodMs, queriesPerPeriod, queryTooEarlyMs } = timings();
    const tooMany = rateLimited(queriesPerPeriod, queryPeriodMs);
    const limited = faults.inForce().queryRateLimited;
    if (limited && !deps.spikeArrest.admits(caller.consumerKey, now(), queriesPerPeriod, queryPeriodMs)) throw new RefusedCall(tooMany);

    const query = readQuery(request.body);
    const account = verifyMerchant(query, accounts, caller);
    const prompt = prompts.find(query.CheckoutRequestID);
    if (prompt === undefined || prompt.shortcode !== account.shortcode) throw new RefusedCall(refusals.doesNotExist);

    const { queryAnswer, queryAnswerStatus, queryInFlight } = faults.inForce(prompt.phone, faults.takeNext("query", prompt.phone));
    if (queryAnswer === "hang") return;
    if (queryAnswer === "reset") return cutConnection(request);
    const answer: Answer | null =
      queryAnswer ?? (now() - prompt.acceptedAt < queryTooEarlyMs ? "too_early" : prompt.outcome === undefined ? queryInFlight : null);
    const code = answer === null ? prompt.outcome?.code : answer === "4999" || answer === "E3008" ? answer : undefined;
    if (code !== undefined) return sendResult(response, prompt, code);
    const refused = answer === "rate_limited" ? tooMany : refusalOf(answer);
    sendRefusal(response, queryAnswerStatus === null ? refused : { ...refused, status: queryAnswerStatus }, ids);
  };
}

function refusalOf(answer: Answer | null): Refusal {
  switch (answer) {
    case "empty_error":
      return refusals.emptyError;
    case "being_processed":
      return refusals.beingProcessed;
    case "does_not_exist":
      return refusals.doesNotExist;
    case "too_early":
      return invalidField("CheckoutRequestID");
    case "html":
      return refusals.html;
    case "empty":
      return refusals.empty;
    default:
      return refusals.internalError;
  }
}

function sendResult(response: Response, prompt: PromptView, code: string): void {
  response.json({
    ResponseCode: "0",
    // Safaricom's spelling.
    ResponseDescription: "The service request has been accepted successsfully",
    MerchantRequestID: prompt.merchantRequestId,
    CheckoutRequestID: prompt.checkoutRequestId,
    ResultCode: code,
    ResultDesc: code === "4999" ? "The transaction is still under processing" : queryText(code),
  });
}
