/** Status queries and reversals from their acceptance to their result. The only place that moves money back to a payer. */
import { readSecurityCredential } from "./certificate.ts";
import type { AcceptedRequest, Conversation } from "./conversation.ts";
import { resultJson, timeoutJson } from "./conversation-result.ts";
import type { CallbackSender } from "./callback-sender.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Faults } from "./faults.ts";
import type { Ids } from "./ids.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";
import { reversedMessage } from "./messages.ts";
import type { PhoneBook } from "./phones.ts";
import type { SimulatorEvents } from "./simulator-events.ts";
import type { Timings } from "./timings.ts";

const DONE = "0";
const INITIATOR_INVALID = "2001";
const RECEIPT_UNKNOWN = "2032";
const ALREADY_REVERSED = "R000001";
const ORIGINAL_INVALID = "R000002";

export interface ConversationDeskDeps {
  timings: () => Timings;
  now: () => number;
  faults: FaultBook;
  phones: PhoneBook;
  ledger: Ledger;
  callbackSender: CallbackSender;
  events: SimulatorEvents;
  ids: Ids;
}

/** How a request ended. `entry` is the payment as it is then; `receipt` is the reversal's. */
interface Ending {
  code: string;
  entry?: LedgerEntry;
  receipt?: string;
}

export class ConversationDesk {
  readonly #conversations = new Map<string, Conversation>();
  readonly #deps: ConversationDeskDeps;

  constructor(deps: ConversationDeskDeps) {
    this.#deps = deps;
  }

  /** All accepted requests, oldest first. */
  get all(): Conversation[] {
    return [...this.#conversations.values()];
  }

  /** Carries a request out at once. Its result follows even if the reply to the request is lost. */
  accept(request: AcceptedRequest): Conversation {
    const { events, faults, ids, ledger, now } = this.#deps;
    const at = now();
    const phone = ledger.find(request.transactionId)?.payerPhone;
    const inForce = faults.inForce(phone, request.ownFaults);
    const conversation: Conversation = {
      conversationId: ids.conversationId(at),
      originatorConversationId: ids.requestId(),
      kind: request.kind,
      transactionId: request.transactionId,
      shortcode: request.account.shortcode,
      phone,
      acceptedAt: at,
    };
    this.#conversations.set(conversation.conversationId, conversation);
    const ending = inForce.requestDropped ? null : this.#carryOut(request, inForce, at);
    if (ending !== null) conversation.code = ending.code;
    events.emit({ type: "conversation_began", conversation: { ...conversation } });
    this.#report(request, conversation, ending, inForce);
    return conversation;
  }

  clear(): void {
    this.#conversations.clear();
  }

  #carryOut(request: AcceptedRequest, { resultFailure }: Faults, at: number): Ending {
    if (resultFailure !== null) return { code: resultFailure };
    const { initiator } = request.account;
    if (request.initiator !== initiator.name || readSecurityCredential(request.securityCredential) !== initiator.password) {
      return { code: INITIATOR_INVALID };
    }
    const entry = this.#paymentTo(request);
    if (request.kind === "reversal") return this.#reverse(request, entry, at);
    return entry === undefined ? { code: RECEIPT_UNKNOWN } : { code: DONE, entry };
  }

  /** The payment of this receipt, if it went to the party that the request names. */
  #paymentTo({ account, transactionId, party, isTill }: AcceptedRequest): LedgerEntry | undefined {
    const entry = this.#deps.ledger.find(transactionId);
    if (entry === undefined || entry.shortcode !== account.shortcode || (entry.till ?? entry.shortcode) !== party) return undefined;
    return isTill === undefined || isTill === (entry.till !== undefined) ? entry : undefined;
  }

  #reverse(request: AcceptedRequest, entry: LedgerEntry | undefined, at: number): Ending {
    const { events, ids, ledger, phones } = this.#deps;
    // Part of a payment cannot be reversed. Safaricom's code for that is not documented; the simulator uses this one.
    if (entry === undefined || entry.amountKes !== request.amountKes) return { code: ORIGINAL_INVALID };
    const receipt = ids.receipt(at);
    const reversed = ledger.reverse(entry.receipt, receipt, at);
    if (reversed === null) return { code: ALREADY_REVERSED };
    const { payerPhone, amountKes } = reversed;
    const balanceKes = phones.refund(payerPhone, amountKes);
    phones.sendMessage(payerPhone, reversedMessage(receipt, entry.receipt, amountKes, request.account.businessName, balanceKes), at);
    events.emit({ type: "money_reversed", phone: payerPhone, entry: reversed });
    return { code: DONE, entry: reversed, receipt };
  }

  #report(request: AcceptedRequest, conversation: Conversation, ending: Ending | null, faults: Faults): void {
    if (ending === null && !faults.resultTimedOut) return;
    const { callbackSender, ids, timings } = this.#deps;
    const { kind, conversationId, shortcode, phone, acceptedAt } = conversation;
    const named = faults.resultForeignId
      ? { ...conversation, conversationId: ids.conversationId(acceptedAt), originatorConversationId: ids.requestId() }
      : conversation;
    const { account, occasion } = request;
    const isTimeout = ending === null || faults.resultTimedOut;
    const nothing = ids.noReceipt(acceptedAt);
    const body = isTimeout
      ? timeoutJson(named, nothing, faults)
      : resultJson({ conversation: named, account, transactionId: ending.receipt ?? nothing, occasion, ...ending }, faults);
    const url = isTimeout ? request.timeoutUrl : request.resultUrl;
    const { resultDelayMs, callbackTimeoutMs } = timings();
    callbackSender.send(
      {
        kind: isTimeout ? `${kind}_timeout` : `${kind}_result`,
        url,
        shortcode,
        phone,
        conversationId,
        // A status query's answer that there is no such payment reports no money.
        receipt: kind === "status" && ending?.entry === undefined ? undefined : request.transactionId,
        body,
      },
      {
        delayMs: resultDelayMs + faults.resultLateMs,
        copies: faults.resultCopies,
        copyGapMs: faults.resultCopyGapMs,
        lost: faults.resultLost,
        redeliveries: 0,
        timeoutMs: callbackTimeoutMs,
      },
    );
  }
}
