/** POST /mpesa/transactionstatus/v1/query and /mpesa/reversal/v1/request: accepted at once, with a result later. */
import type { RequestHandler } from "express";
import type { Account, Accounts } from "./accounts.ts";
import type { Asked } from "./conversation-request.ts";
import type { ConversationDesk } from "./conversations.ts";
import type { CallbackSender } from "./callback-sender.ts";
import { cutConnection, refusals, sendRefusal, type Refusal } from "./daraja-answers.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Faults } from "./faults.ts";
import type { Ids } from "./ids.ts";
import type { Ledger } from "./ledger.ts";
import type { TokenDesk } from "./oauth.ts";
import type { SimulatorEvents } from "./simulator-events.ts";
import type { Timings } from "./timings.ts";

export interface ConversationRouteDeps {
  accounts: Accounts;
  tokens: TokenDesk;
  faults: FaultBook;
  conversations: ConversationDesk;
  ledger: Ledger;
  callbackSender: CallbackSender;
  events: SimulatorEvents;
  timings: () => Timings;
  ids: Ids;
}

const refusalOf: Readonly<Record<NonNullable<Faults["requestAnswer"]>, Refusal>> = {
  invalid_token: refusals.invalidToken,
  system_busy: refusals.systemBusy,
  internal_error: refusals.internalError,
  html: refusals.html,
  empty: refusals.empty,
};

/** @param read parses the body. @throws RefusedCall */
export function conversationRoute(deps: ConversationRouteDeps, read: (body: unknown) => Asked): RequestHandler {
  const { accounts, tokens, faults, conversations, ledger, ids } = deps;
  return async (request, response) => {
    const caller = tokens.authorize(request);
    const asked = read(request.body);
    const phone = ledger.find(asked.transactionId)?.payerPhone;
    const ownFaults = faults.takeNext("request", phone, asked.kind);
    const { requestReply, requestAnswer, requestAnswerStatus, requestAcceptedAnyway, resultBeforeReply } = faults.inForce(phone, ownFaults);
    if (requestReply === "hang_before_accept") return;
    if (requestReply === "reset_before_accept") return cutConnection(request);

    const refused = requestAnswer === null ? null : refusalOf[requestAnswer];
    const refuse = (refusal: Refusal) =>
      sendRefusal(response, requestAnswerStatus === null ? refusal : { ...refusal, status: requestAnswerStatus }, ids);
    if (refused !== null && !requestAcceptedAnyway) return refuse(refused);

    const conversation = conversations.accept({ ...asked, account: accountOf(asked.party, caller, accounts), ownFaults });
    if (resultBeforeReply) await untilDelivered(conversation.conversationId, deps);
    if (requestReply === "reset_after_accept") return cutConnection(request);
    if (requestReply === "hang_after_accept" || response.destroyed) return;
    if (refused !== null) return refuse(refused);
    response.json({
      OriginatorConversationID: conversation.originatorConversationId,
      ConversationID: conversation.conversationId,
      ResponseCode: "0",
      ResponseDescription: "Accept the service request successfully.",
    });
  };
}

/** An app may act for several shortcodes, each with its own initiator. For another app's party no payment is found. */
function accountOf(party: string, caller: Account, accounts: Accounts): Account {
  const named = accounts.byPayTo(party);
  return named?.consumerKey === caller.consumerKey ? named : caller;
}

/** Waits for the first delivery of a result, up to a limit, because a result may be late by days. */
async function untilDelivered(conversationId: string, { callbackSender, events, timings }: ConversationRouteDeps): Promise<void> {
  const delivered = () => (callbackSender.of(conversationId).length > 0 ? true : undefined);
  await events.waitUntil("the result", timings().holdReplyMs, delivered).catch(() => false);
}
