/** POST /mpesa/stkpush/v1/processrequest */
import type { Request, RequestHandler, Response } from "express";
import type { Accounts } from "./accounts.ts";
import type { CallbackSender } from "./callback-sender.ts";
import { cutConnection, invalidField, RefusedCall, refusals, sendRefusal, type Refusal } from "./daraja-answers.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Faults } from "./faults.ts";
import type { Ids } from "./ids.ts";
import type { TokenDesk } from "./oauth.ts";
import type { PromptView } from "./prompt.ts";
import type { PromptDesk } from "./prompts.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimulatorEvents } from "./simulator-events.ts";
import { isStrictlyAllowed, readPush, verifyMerchant } from "./stk-request.ts";
import type { Timings } from "./timings.ts";

export interface StkPushDeps {
  accounts: Accounts;
  tokens: TokenDesk;
  faults: FaultBook;
  prompts: PromptDesk;
  callbackSender: CallbackSender;
  events: SimulatorEvents;
  scheduler: Scheduler;
  timings: () => Timings;
  ids: Ids;
}

const refusalOf: Readonly<Record<NonNullable<Faults["pushAnswer"]>, Refusal>> = {
  invalid_token: refusals.invalidToken,
  no_product: refusals.noApiProduct,
  merchant_unknown: refusals.merchantUnknown,
  wrong_credentials: refusals.wrongCredentials,
  locked: refusals.locked,
  system_busy: refusals.systemBusy,
  spike_arrest: refusals.spikeArrest,
  quota: refusals.quota,
  internal_error: refusals.internalError,
  html: refusals.html,
  empty: refusals.empty,
};

export function stkPush(deps: StkPushDeps): RequestHandler {
  const { accounts, tokens, faults, prompts, ids, timings } = deps;
  return async (request, response) => {
    const caller = tokens.authorize(request);
    const push = readPush(request.body);
    const account = verifyMerchant(push, accounts, caller);
    const phone = push.PhoneNumber;
    const ownFaults = faults.takeNext("push", phone);
    const inForce = faults.inForce(phone, ownFaults);
    if (inForce.strictCallbackUrl && !isStrictlyAllowed(push.CallBackURL)) throw new RefusedCall(invalidField("CallBackURL"));
    if (inForce.pushReply === "hang_before_accept") return;
    if (inForce.pushReply === "reset_before_accept") return cutConnection(request);

    const refused = inForce.pushAnswer === null ? null : withStatus(refusalOf[inForce.pushAnswer], inForce.pushAnswerStatus);
    if (refused !== null && !inForce.pushAcceptedAnyway) return sendRefusal(response, refused, ids);
    if (prompts.isLocked(phone) && !inForce.lockLeaks)
      return sendRefusal(response, withStatus(refusals.locked, inForce.pushAnswerStatus), ids);

    const prompt = prompts.accept({
      account,
      partyB: push.PartyB,
      transactionType: push.TransactionType,
      amountKes: push.Amount,
      phone,
      callbackUrl: push.CallBackURL,
      accountReference: push.AccountReference,
      ownFaults,
    });
    if (inForce.callbackBeforeReply) await untilDelivered(prompt.checkoutRequestId, deps);
    if (timings().pushReplyDelayMs > 0) await pause(timings().pushReplyDelayMs, deps.scheduler);
    reply(request, response, inForce.pushReply, () =>
      refused === null ? accepted(response, prompt) : sendRefusal(response, refused, ids),
    );
  };
}

function withStatus(refused: Refusal, status: number | null): Refusal {
  return status === null ? refused : { ...refused, status };
}

function reply(request: Request, response: Response, how: Faults["pushReply"], answer: () => void): void {
  if (how === "reset_after_accept") cutConnection(request);
  else if (how !== "hang_after_accept" && !response.destroyed) answer();
}

function accepted(response: Response, prompt: PromptView): void {
  response.json({
    MerchantRequestID: prompt.merchantRequestId,
    CheckoutRequestID: prompt.checkoutRequestId,
    ResponseCode: "0",
    ResponseDescription: "Success. Request accepted for processing",
    CustomerMessage: "Success. Request accepted for processing",
  });
}

/** Waits for the first delivery of a prompt's callback, up to a limit, because a person may never answer. */
async function untilDelivered(checkoutRequestId: string, { callbackSender, events, timings }: StkPushDeps): Promise<void> {
  const delivered = () => (callbackSender.of(checkoutRequestId).length > 0 ? true : undefined);
  await events.waitUntil("the callback", timings().holdReplyMs, delivered).catch(() => false);
}

function pause(delayMs: number, scheduler: Scheduler): Promise<void> {
  return new Promise((resolve) => scheduler.work(delayMs, resolve));
}
