/** The life of a prompt: accepted, shown on a phone, answered or timed out, and reported by a callback. */
import type { C2bDesk } from "./c2b.ts";
import type { CallbackSender } from "./callback-sender.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Faults, FaultsPatch } from "./faults.ts";
import type { Ids } from "./ids.ts";
import type { Ledger } from "./ledger.ts";
import { failedMessage, paidMessage, promptText } from "./messages.ts";
import type { PhoneBook, PhoneRule } from "./phones.ts";
import { doomOf, payeeOf, type AcceptedPush, type Outcome, type PromptAnswer, type PromptView } from "./prompt.ts";
import { UNREACHABLE_TEXT } from "./results.ts";
import type { Cancel, Scheduler } from "./scheduler.ts";
import type { SimulatorEvents } from "./simulator-events.ts";
import { stkCallbackJson } from "./stk-callback.ts";
import type { Timings } from "./timings.ts";

export interface PromptDeskDeps {
  timings: () => Timings;
  now: () => number;
  faults: FaultBook;
  phones: PhoneBook;
  ledger: Ledger;
  callbackSender: CallbackSender;
  c2b: C2bDesk;
  events: SimulatorEvents;
  scheduler: Scheduler;
  ids: Ids;
}

interface Entry {
  view: PromptView;
  ownFaults: FaultsPatch;
  balanceKes: number;
  cancels: Cancel[];
}

export class PromptDesk {
  readonly #entries = new Map<string, Entry>();
  /** Prompts of a phone that have no outcome yet, oldest first. */
  readonly #pending = new Map<string, Entry[]>();
  /** Until when a phone is locked after its prompt is over. */
  readonly #lockedUntil = new Map<string, number>();
  readonly #deps: PromptDeskDeps;

  constructor(deps: PromptDeskDeps) {
    this.#deps = deps;
  }

  find(checkoutRequestId: string): PromptView | undefined {
    return this.#entries.get(checkoutRequestId)?.view;
  }

  /** The prompts on a phone's screen, oldest first. */
  openOn(phone: string): PromptView[] {
    return (this.#pending.get(phone) ?? []).map((entry) => entry.view).filter((view) => view.state === "open");
  }

  /** All prompts, oldest first. */
  get all(): PromptView[] {
    return [...this.#entries.values()].map((entry) => entry.view);
  }

  isLocked(phone: string): boolean {
    const { now } = this.#deps;
    return (this.#pending.get(phone)?.length ?? 0) > 0 || (this.#lockedUntil.get(phone) ?? 0) > now();
  }

  /** Accepts a push. From now on a prompt is on its way, even if the reply to the push is lost. */
  accept(push: AcceptedPush): PromptView {
    const { events, ids, now, scheduler, timings } = this.#deps;
    const entry = this.#newEntry(push, ids, now());
    this.#entries.set(entry.view.checkoutRequestId, entry);
    this.#pending.set(push.phone, [...(this.#pending.get(push.phone) ?? []), entry]);
    const doom = doomOf(push, entry.view.text);
    const next = () => (doom === null ? this.#show(entry) : this.#close(entry, { code: doom, at: now() }));
    entry.cancels.push(scheduler.work(timings().promptDelayMs, next));
    events.emit({ type: "push_accepted", phone: push.phone, prompt: { ...entry.view } });
    return entry.view;
  }

  /**
   * A person answers an open prompt.
   * @returns the outcome; null if there is no such open prompt.
   */
  answer(checkoutRequestId: string, answer: PromptAnswer): Outcome | null {
    const entry = this.#entries.get(checkoutRequestId);
    if (entry === undefined || entry.view.state !== "open") return null;
    if ("action" in answer) return this.#end(entry, "1032");
    return this.#end(entry, this.#codeForPin(entry, answer.pin));
  }

  clear(): void {
    this.#entries.clear();
    this.#pending.clear();
    this.#lockedUntil.clear();
  }

  #newEntry(push: AcceptedPush, ids: Ids, at: number): Entry {
    const isTill = push.transactionType === "CustomerBuyGoodsOnline";
    const view: PromptView = {
      checkoutRequestId: ids.checkoutRequestId(at, push.phone),
      merchantRequestId: ids.requestId(),
      shortcode: push.account.shortcode,
      ...(isTill ? { till: push.partyB } : {}),
      businessName: push.account.businessName,
      phone: push.phone,
      amountKes: push.amountKes,
      accountReference: push.accountReference,
      callbackUrl: push.callbackUrl,
      text: "",
      state: "accepted",
      acceptedAt: at,
    };
    view.text = promptText(push.amountKes, payeeOf(view));
    return { view, ownFaults: push.ownFaults, balanceKes: 0, cancels: [] };
  }

  #show(entry: Entry): void {
    const { events, now, phones, scheduler, timings } = this.#deps;
    const { view } = entry;
    const phone = phones.get(view.phone);
    if (!phone.online || phone.rule.action === "offline") {
      const unreachable = () => this.#close(entry, { code: "1037", at: now(), text: UNREACHABLE_TEXT });
      entry.cancels.push(scheduler.work(timings().noAnswerAfterMs, unreachable));
      return;
    }
    const lifeMs = timings().promptLifeMs;
    view.state = "open";
    view.expiresAt = now() + lifeMs;
    events.emit({ type: "prompt_opened", phone: view.phone, prompt: { ...view } });
    if (phone.rule.action === "by_hand") {
      entry.cancels.push(scheduler.after(lifeMs, () => void this.#end(entry, "1037")));
    } else {
      this.#planAnswer(entry, phone.rule);
    }
  }

  #planAnswer(entry: Entry, rule: PhoneRule): void {
    const { phones, scheduler, timings } = this.#deps;
    const delayMs = rule.action === "no_answer" ? timings().noAnswerAfterMs : (rule.delayMs ?? 0);
    const code = () => {
      switch (rule.action) {
        case "pay":
          return this.#codeForPin(entry, phones.get(entry.view.phone).pin);
        case "wrong_pin":
          // Only a person's wrong PINs lock it; a rule may enter them without limit.
          return phones.get(entry.view.phone).pinLocked ? "8006" : "2001";
        case "cancel":
          return "1032";
        case "insufficient":
          return "1";
        case "fail":
          return rule.code;
        default:
          return "1037";
      }
    };
    entry.cancels.push(scheduler.work(delayMs, () => void this.#end(entry, code())));
  }

  #codeForPin(entry: Entry, pin: string): string {
    const { now, phones } = this.#deps;
    const { view } = entry;
    const tried = phones.tryPin(view.phone, pin);
    if (tried !== "right") return tried === "locked" ? "8006" : "2001";
    if (this.#repeatsTooSoon(view, this.#faultsOf(entry))) return "17";
    return phones.refusal(view.phone, view.amountKes, now()) ?? "0";
  }

  #repeatsTooSoon(view: PromptView, faults: Faults): boolean {
    if (!faults.sameAmountRule) return false;
    const { now, phones, timings } = this.#deps;
    const last = phones.lastPaidAt(view.phone, view.shortcode, view.amountKes);
    return last !== undefined && now() - last < timings().sameAmountWindowMs;
  }

  /** Ends a prompt with a code. The only place that moves money for prompts. */
  #end(entry: Entry, code: string): Outcome {
    if (entry.view.outcome !== undefined) return entry.view.outcome;
    const at = this.#deps.now();
    const outcome: Outcome = code === "0" ? { code, at, receipt: this.#moveMoney(entry, at) } : { code, at };
    this.#close(entry, outcome);
    return outcome;
  }

  #moveMoney(entry: Entry, at: number): string {
    const { events, ids, ledger, phones } = this.#deps;
    const { view } = entry;
    const receipt = ids.receipt(at);
    const { phone: payerPhone, shortcode, till, amountKes, accountReference, checkoutRequestId } = view;
    const toTill = till === undefined ? {} : { till };
    const movement = {
      receipt,
      payerPhone,
      shortcode,
      ...toTill,
      amountKes,
      accountReference,
      checkoutRequestId,
      kind: "stk" as const,
      at,
    };
    ledger.add(movement);
    entry.balanceKes = phones.spend(payerPhone, shortcode, amountKes, at);
    events.emit({ type: "money_moved", phone: payerPhone, entry: movement });
    return receipt;
  }

  #close(entry: Entry, outcome: Outcome): void {
    const { events, scheduler, timings, now } = this.#deps;
    const { view } = entry;
    for (const cancel of entry.cancels.splice(0)) cancel();
    view.state = "closed";
    view.outcome = outcome;
    this.#release(entry);
    this.#tellPayer(entry, outcome);
    events.emit({ type: "prompt_closed", phone: view.phone, prompt: { ...view } });
    this.#report(entry, outcome);
    const { lateMoneyMs } = this.#faultsOf(entry);
    if (outcome.code !== "1037" || lateMoneyMs === null) return;
    scheduler.work(timings().callbackDelayMs + lateMoneyMs, () => {
      if (this.#deps.phones.refusal(view.phone, view.amountKes, now()) !== null) return;
      const late: Outcome = { code: "0", at: now(), receipt: this.#moveMoney(entry, now()) };
      view.outcome = late;
      this.#tellPayer(entry, late);
      this.#report(entry, late);
    });
  }

  /** An answer unlocks the phone; a prompt without an answer keeps the lock for its full time. */
  #release(entry: Entry): void {
    const { phone, acceptedAt, outcome } = entry.view;
    const rest = (this.#pending.get(phone) ?? []).filter((other) => other !== entry);
    if (rest.length === 0) this.#pending.delete(phone);
    else this.#pending.set(phone, rest);
    if (outcome?.code === "1037") this.#lockedUntil.set(phone, acceptedAt + this.#deps.timings().lockMs);
  }

  #tellPayer({ view, balanceKes }: Entry, outcome: Outcome): void {
    const { phones } = this.#deps;
    const payee = payeeOf(view);
    const text =
      outcome.receipt === undefined
        ? failedMessage(outcome.code, view.amountKes, payee, phones.get(view.phone).balanceKes)
        : paidMessage(outcome.receipt, view.amountKes, payee, outcome.at, balanceKes);
    if (text !== null) phones.sendMessage(view.phone, text, outcome.at);
  }

  #report(entry: Entry, outcome: Outcome): void {
    const { c2b, callbackSender, ids, timings } = this.#deps;
    const { view, balanceKes } = entry;
    const faults = this.#faultsOf(entry);
    const { callbackDelayMs, callbackTimeoutMs } = timings();
    const { code, text, receipt, at } = outcome;
    const { merchantRequestId, phone, amountKes, shortcode, checkoutRequestId, callbackUrl } = view;
    const idInBody = faults.callbackForeignId ? ids.checkoutRequestId(at, phone) : checkoutRequestId;
    const result = { merchantRequestId, checkoutRequestId: idInBody, phone, amountKes, code, text, receipt, balanceKes, at };
    const callback = {
      kind: "stk_callback" as const,
      url: callbackUrl,
      shortcode,
      phone,
      checkoutRequestId,
      body: stkCallbackJson(result, faults),
    };
    callbackSender.send(receipt === undefined ? callback : { ...callback, receipt }, {
      delayMs: callbackDelayMs + faults.callbackLateMs,
      copies: faults.callbackCopies,
      copyGapMs: faults.callbackCopyGapMs,
      lost: faults.callbackLost,
      redeliveries: faults.callbackRedeliveries,
      timeoutMs: callbackTimeoutMs,
    });
    if (receipt !== undefined && faults.c2bBesideStk) c2b.confirmBesideStk({ ...view, receipt, at }, faults);
  }

  #faultsOf(entry: Entry): Faults {
    return this.#deps.faults.inForce(entry.view.phone, entry.ownFaults);
  }
}
