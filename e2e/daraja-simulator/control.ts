/** Controls the simulator: tests call it in-process, and the HTTP control API offers the same to other programs. */
import type { Account, AccountInput, Accounts } from "./accounts.ts";
import type { C2bDesk, C2bOutcome, C2bPayment, RegisteredUrls } from "./c2b.ts";
import { certificate } from "./certificate.ts";
import type { Conversation } from "./conversation.ts";
import type { ConversationDesk } from "./conversations.ts";
import type { CallbackSender } from "./callback-sender.ts";
import type { Delivery } from "./delivery.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Faults, FaultsPatch, NextFaults, RequestKind } from "./faults.ts";
import type { Ledger, LedgerEntry } from "./ledger.ts";
import type { TokenDesk } from "./oauth.ts";
import { phoneSchema, type Phone, type PhoneBook, type PhonePatch, type PhoneRule } from "./phones.ts";
import type { Outcome, PromptAnswer, PromptView } from "./prompt.ts";
import type { PromptDesk } from "./prompts.ts";
import type { Cancel, Scheduler } from "./scheduler.ts";
import type { Listener, SimulatorEvents } from "./simulator-events.ts";
import type { SpikeArrest } from "./spike-arrest.ts";
import { timingsPatchSchema, type Timings, type TimingsPatch } from "./timings.ts";
import { patched } from "./patch.ts";

/** A wait rejects after this time with the name of what it waited for, so that a test does not hang. */
const WAIT_DEFAULT_MS = 5_000;

export interface ControlDeps {
  accounts: Accounts;
  tokens: TokenDesk;
  faults: FaultBook;
  phones: PhoneBook;
  prompts: PromptDesk;
  c2b: C2bDesk;
  conversations: ConversationDesk;
  ledger: Ledger;
  callbackSender: CallbackSender;
  events: SimulatorEvents;
  scheduler: Scheduler;
  spikeArrest: SpikeArrest;
  startTimings: Timings;
}

/** What the phone page shows. */
export interface PhoneView extends Phone {
  prompts: PromptView[];
}

/** The request names something that does not exist, or not in this state. */
export class ControlError extends Error {
  readonly status: 404 | 409;

  constructor(status: 404 | 409, message: string) {
    super(message);
    this.status = status;
  }
}

export class Control {
  readonly #deps: ControlDeps;
  #timings: Timings;

  constructor(deps: ControlDeps) {
    this.#deps = deps;
    this.#timings = deps.startTimings;
  }

  // Businesses

  get accounts(): Account[] {
    return this.#deps.accounts.all;
  }

  /** Adds a business with its credentials, or replaces the one with the same shortcode. */
  addAccount(account: AccountInput): Account {
    return this.#deps.accounts.add(account);
  }

  /** The certificate for SecurityCredentials: X.509, PEM. The same in every simulator. */
  get certificate(): string {
    return certificate;
  }

  /** Expires every access token: the next call with one is answered 404.001.03. */
  expireTokens(): void {
    this.#deps.tokens.expireAll();
  }

  // Faults and timings

  /** The faults for everybody, by phone, and for the next call. */
  get faults(): FaultBook["view"] {
    return this.#deps.faults.view;
  }

  /** Sets faults for everybody; omitted members stay as they are. */
  setFaults(patch: FaultsPatch): Faults {
    return this.#deps.faults.set(patch);
  }

  /** Replaces the faults of one phone. They override those for everybody. */
  setFaultsForPhone(phone: string, patch: FaultsPatch): void {
    this.#deps.faults.setForPhone(phoneSchema.parse(phone), patch);
  }

  clearFaultsForPhone(phone: string): void {
    this.#deps.faults.clearPhone(phone);
  }

  /** Sets faults for the next call only (token, push with its callback, query, or request with its result). They override all others. */
  nextFaults(faults: FaultsPatch, options: Omit<NextFaults, "faults"> = {}): void {
    this.#deps.faults.addNext({ faults, ...options });
  }

  /** Restores the faults of the start and removes those of phones and next calls. */
  resetFaults(): void {
    this.#deps.faults.reset();
  }

  get timings(): Timings {
    return this.#timings;
  }

  setTimings(patch: TimingsPatch): Timings {
    this.#timings = patched(this.#timings, timingsPatchSchema.parse(patch));
    // Otherwise callers would still wait for the old rate.
    this.#deps.spikeArrest.clear();
    this.#deps.events.emit({ type: "settings_changed" });
    return this.#timings;
  }

  // Phones

  get phones(): Phone[] {
    return this.#deps.phones.all;
  }

  phone(phone: string): PhoneView {
    return { ...this.#deps.phones.get(phone), prompts: this.#deps.prompts.openOn(phone) };
  }

  /** Changes a phone: PIN, balance, signal, lock, rule. */
  setPhone(phone: string, patch: PhonePatch): PhoneView {
    this.#deps.phones.set(phone, patch);
    return this.phone(phone);
  }

  /** How a phone answers prompts from now on. */
  setRule(phone: string, rule: PhoneRule): void {
    this.#deps.phones.set(phone, { rule });
  }

  /** Sets the defaults of phones not seen yet: a rule here scripts everybody in a load run. */
  setPhoneDefaults(patch: PhonePatch): void {
    this.#deps.phones.setDefaults(patch);
  }

  get phoneDefaults(): PhonePatch {
    return this.#deps.phones.defaults;
  }

  // Prompts

  /** All prompts there were, oldest first. */
  get prompts(): PromptView[] {
    return this.#deps.prompts.all;
  }

  prompt(checkoutRequestId: string): PromptView | undefined {
    return this.#deps.prompts.find(checkoutRequestId);
  }

  openPrompts(phone: string): PromptView[] {
    return this.#deps.prompts.openOn(phone);
  }

  /** All prompts of a phone, oldest first, whatever their state. */
  promptsOf(phone: string): PromptView[] {
    return this.#deps.prompts.all.filter((prompt) => prompt.phone === phone);
  }

  /** Answers like a person at the phone. @throws ControlError when there is no such open prompt. */
  answer(checkoutRequestId: string, answer: PromptAnswer): Outcome {
    const outcome = this.#deps.prompts.answer(checkoutRequestId, answer);
    if (outcome !== null) return outcome;
    const known = this.#deps.prompts.find(checkoutRequestId) !== undefined;
    throw new ControlError(known ? 409 : 404, known ? "This prompt is not open (any more)." : "There is no such prompt.");
  }

  /** Enters the phone's own PIN. */
  pay(checkoutRequestId: string): Outcome {
    const prompt = this.#deps.prompts.find(checkoutRequestId);
    if (prompt === undefined) throw new ControlError(404, "There is no such prompt.");
    return this.answer(checkoutRequestId, { pin: this.#deps.phones.get(prompt.phone).pin });
  }

  cancel(checkoutRequestId: string): Outcome {
    return this.answer(checkoutRequestId, { action: "cancel" });
  }

  // Money

  get ledger(): readonly LedgerEntry[] {
    return this.#deps.ledger.entries;
  }

  get c2bUrls(): RegisteredUrls[] {
    return this.#deps.c2b.registered;
  }

  /** Registers C2B URLs without the API call. */
  registerC2bUrls(urls: RegisteredUrls): void {
    this.#deps.c2b.register(urls);
  }

  /** A payment from the M-PESA menu: validation, money, confirmation. */
  payByHand(payment: C2bPayment): Promise<C2bOutcome> {
    return this.#deps.c2b.payByHand(payment);
  }

  // Status queries and reversals

  /** All accepted ones, even if the reply was lost; oldest first. */
  get conversations(): Conversation[] {
    return this.#deps.conversations.all;
  }

  /** Those about a receipt, oldest first. */
  conversationsAbout(transactionId: string, kind?: RequestKind): Conversation[] {
    const isMeant = (each: Conversation) => each.transactionId === transactionId && (kind === undefined || each.kind === kind);
    return this.conversations.filter(isMeant);
  }

  // What was delivered

  get deliveries(): readonly Delivery[] {
    return this.#deps.callbackSender.deliveries;
  }

  /** @param id a CheckoutRequestID or, for results and timeout notices, a ConversationID */
  deliveriesOf(id: string): readonly Delivery[] {
    return this.#deps.callbackSender.of(id);
  }

  // Signals

  listen(listener: Listener): Cancel {
    return this.#deps.events.listen(listener);
  }

  /** Resolves with the `count`th push (default the first) that was accepted for a phone, even if its reply was lost. */
  waitForPush(phone: string, { count = 1, timeoutMs = WAIT_DEFAULT_MS } = {}): Promise<PromptView> {
    return this.#deps.events.waitUntil(`push ${count} to ${phone}`, timeoutMs, () => this.promptsOf(phone)[count - 1]);
  }

  /** Resolves with the first open prompt of a phone. */
  waitForPrompt(phone: string, timeoutMs = WAIT_DEFAULT_MS): Promise<PromptView> {
    return this.#deps.events.waitUntil(`a prompt on ${phone}`, timeoutMs, () => this.openPrompts(phone)[0]);
  }

  /** Resolves with a prompt's outcome, at the moment at which money moves. */
  waitForOutcome(checkoutRequestId: string, timeoutMs = WAIT_DEFAULT_MS): Promise<Outcome> {
    return this.#deps.events.waitUntil(`the outcome of ${checkoutRequestId}`, timeoutMs, () => this.prompt(checkoutRequestId)?.outcome);
  }

  /** Resolves with the `count`th attempt (default the first) to deliver a prompt's callback; `lost` counts too. */
  waitForDelivery(checkoutRequestId: string, { count = 1, timeoutMs = WAIT_DEFAULT_MS } = {}): Promise<Delivery> {
    const what = `delivery ${count} of ${checkoutRequestId}`;
    return this.#deps.events.waitUntil(what, timeoutMs, () => this.deliveriesOf(checkoutRequestId)[count - 1]);
  }

  /** Resolves with the `count`th (default the first) accepted status query or reversal of a receipt, even if its reply was lost. */
  waitForConversation(
    transactionId: string,
    { kind, count = 1, timeoutMs = WAIT_DEFAULT_MS }: { kind?: RequestKind; count?: number; timeoutMs?: number } = {},
  ): Promise<Conversation> {
    const what = `${kind ?? "request"} ${count} about ${transactionId}`;
    return this.#deps.events.waitUntil(what, timeoutMs, () => this.conversationsAbout(transactionId, kind)[count - 1]);
  }

  /** Resolves with the `count`th attempt (default the first) to deliver a conversation's result or timeout notice; `lost` counts too. */
  waitForResult(conversationId: string, options: { count?: number; timeoutMs?: number } = {}): Promise<Delivery> {
    return this.waitForDelivery(conversationId, options);
  }

  /** Resolves once no scripted answer, callback, confirmation or result is pending. Prompts that wait for a person do not count. */
  waitForIdle(timeoutMs = WAIT_DEFAULT_MS): Promise<void> {
    const { events, scheduler } = this.#deps;
    return events.wait<void>("all work to end", timeoutMs, (resolve) => scheduler.whenIdle(() => resolve()));
  }

  /** Restores the start, except for businesses that were added. Pending work is dropped. */
  reset(): void {
    const { scheduler, events, prompts, c2b, conversations, ledger, callbackSender, phones, faults, tokens, spikeArrest, startTimings } =
      this.#deps;
    scheduler.clear();
    events.endWaits("the simulator was reset");
    for (const part of [prompts, c2b, conversations, ledger, callbackSender, spikeArrest]) part.clear();
    phones.reset();
    faults.reset();
    tokens.expireAll();
    this.#timings = startTimings;
    events.emit({ type: "reset" });
  }
}
