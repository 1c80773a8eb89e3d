/** Payments from the M-Pesa menu to a paybill or till: the merchant validates, the money moves, the merchant gets a confirmation. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Accounts } from "./accounts.ts";
import type { CallbackSender } from "./callback-sender.ts";
import type { FaultBook } from "./fault-book.ts";
import type { Faults } from "./faults.ts";
import type { Ids } from "./ids.ts";
import type { Ledger } from "./ledger.ts";
import { paidMessage } from "./messages.ts";
import { nairobiTimestamp } from "./nairobi-time.ts";
import { phoneSchema, type PhoneBook } from "./phones.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimulatorEvents } from "./simulator-events.ts";
import type { Timings } from "./timings.ts";

/** The invented name of every payer. */
export const PAYER_NAME = "WANJIKU KAMAU";
/** As M-Pesa masks it. */
export const PAYER_NAME_MASKED = "W****** K****";

export interface RegisteredUrls {
  shortcode: string;
  version: "v1" | "v2";
  /** Decides about a payment whose validation gets no answer. */
  responseType: "Completed" | "Cancelled";
  confirmationUrl: string;
  validationUrl: string;
}

export const c2bPaymentSchema = z.strictObject({
  phone: phoneSchema,
  /** A paybill or a till number. */
  payTo: z.string().min(1),
  /** Left out for a till. */
  accountNumber: z.string().max(20).default(""),
  amountKes: z.number().int().min(1).max(250_000),
  /** Left out: the phone's own. */
  pin: z.string().optional(),
});
export type C2bPayment = z.input<typeof c2bPaymentSchema>;

export type C2bOutcome =
  | { status: "paid"; receipt: string }
  /** `code` is the merchant's answer to the validation, or a result code of M-Pesa's. */
  | { status: "refused"; code: string; reason: string };

export interface C2bDeskDeps {
  accounts: Accounts;
  timings: () => Timings;
  now: () => number;
  faults: FaultBook;
  phones: PhoneBook;
  ledger: Ledger;
  callbackSender: CallbackSender;
  events: SimulatorEvents;
  scheduler: Scheduler;
  ids: Ids;
}

interface Notice {
  receipt: string;
  at: number;
  amountKes: number;
  payTo: string;
  isTill: boolean;
  accountNumber: string;
  phone: string;
  /** The merchant's balance after the payment; empty in a validation. */
  balance: string;
  thirdPartyTransId: string;
}

const validationReplySchema = z.object({
  ResultCode: z.union([z.string(), z.number()]).transform(String),
  ThirdPartyTransID: z.string().default(""),
});

export class C2bDesk {
  readonly #urls = new Map<string, RegisteredUrls>();
  readonly #deps: C2bDeskDeps;

  constructor(deps: C2bDeskDeps) {
    this.#deps = deps;
  }

  register(urls: RegisteredUrls): void {
    this.#urls.set(urls.shortcode, urls);
  }

  get registered(): RegisteredUrls[] {
    return [...this.#urls.values()];
  }

  /** A person pays from the M-PESA menu. Resolves once the money moved or was refused; the confirmation follows. */
  async payByHand(input: C2bPayment): Promise<C2bOutcome> {
    const { accounts, ids, now, phones, scheduler } = this.#deps;
    const { phone, payTo, accountNumber, amountKes, pin } = c2bPaymentSchema.parse(input);
    const account = accounts.byPayTo(payTo);
    if (account === undefined) return refused("SFC_IC0003", "There is no such paybill or till.");
    const tried = phones.tryPin(phone, pin ?? phones.get(phone).pin);
    if (tried !== "right") return tried === "locked" ? refused("8006", "The PIN is locked.") : refused("2001", "The PIN is wrong.");
    const refusal = phones.refusal(phone, amountKes, now());
    if (refusal !== null)
      return refusal === "1" ? refused("1", "There is not enough money.") : refused("4", "This is over the daily limit.");

    const at = now();
    const isTill = account.tills.includes(payTo);
    const notice: Notice = {
      receipt: ids.receipt(at),
      at,
      amountKes,
      payTo,
      isTill,
      accountNumber,
      phone,
      balance: "",
      thirdPartyTransId: "",
    };
    const epoch = scheduler.epoch;
    const validation = await this.#validate(account.shortcode, notice);
    if (epoch !== scheduler.epoch) return refused("1001", "The simulator was reset meanwhile.");
    if (validation.code !== "0") return refused(validation.code, "The merchant refused the payment.");
    const refusedMeanwhile = phones.refusal(phone, amountKes, now());
    if (refusedMeanwhile !== null) return refused(refusedMeanwhile, "The money was spent meanwhile.");
    this.#moveMoney(account.shortcode, account.businessName, notice);
    this.#confirm(account.shortcode, { ...notice, thirdPartyTransId: validation.thirdPartyTransId }, this.#deps.faults.inForce(phone));
    return { status: "paid", receipt: notice.receipt };
  }

  /** Sends the notice that a paybill with registered URLs also gets for money that answered a prompt. */
  confirmBesideStk(
    paid: { shortcode: string; till?: string; accountReference: string; phone: string; amountKes: number; receipt: string; at: number },
    faults: Faults,
  ): void {
    const { shortcode, till, accountReference, phone, amountKes, receipt, at } = paid;
    const isTill = till !== undefined;
    const accountNumber = isTill ? "" : accountReference;
    const notice = { receipt, at, amountKes, payTo: till ?? shortcode, isTill, accountNumber, phone, balance: "", thirdPartyTransId: "" };
    this.#confirm(shortcode, notice, faults);
  }

  clear(): void {
    this.#urls.clear();
  }

  async #validate(shortcode: string, notice: Notice): Promise<{ code: string; thirdPartyTransId: string }> {
    const urls = this.#urls.get(shortcode);
    if (urls === undefined) return { code: "0", thirdPartyTransId: "" };
    const { callbackSender, timings } = this.#deps;
    const validation = {
      kind: "c2b_validation" as const,
      url: urls.validationUrl,
      shortcode,
      phone: notice.phone,
      receipt: notice.receipt,
    };
    const delivery = await callbackSender.call({ ...validation, body: noticeJson(notice, urls.version) }, timings().c2bValidationTimeoutMs);
    const reply = delivery.status === 200 ? validationReplySchema.safeParse(parseJson(delivery.answer ?? "")) : undefined;
    if (reply?.success) return { code: reply.data.ResultCode, thirdPartyTransId: reply.data.ThirdPartyTransID };
    return { code: urls.responseType === "Completed" ? "0" : "16", thirdPartyTransId: "" };
  }

  #moveMoney(shortcode: string, businessName: string, { receipt, at, amountKes, payTo, isTill, accountNumber, phone }: Notice): void {
    const { events, ledger, phones } = this.#deps;
    const toTill = isTill ? { till: payTo } : {};
    const entry = {
      receipt,
      payerPhone: phone,
      shortcode,
      ...toTill,
      amountKes,
      accountReference: accountNumber,
      kind: "c2b" as const,
      at,
    };
    ledger.add(entry);
    const balanceKes = phones.spend(phone, shortcode, amountKes, at);
    const payee = isTill ? { businessName } : { businessName, accountReference: accountNumber };
    phones.sendMessage(phone, paidMessage(receipt, amountKes, payee, at, balanceKes), at);
    events.emit({ type: "money_moved", phone, entry });
  }

  #confirm(shortcode: string, notice: Notice, faults: Faults): void {
    const urls = this.#urls.get(shortcode);
    if (urls === undefined) return;
    const { callbackSender, ledger, timings } = this.#deps;
    const body = noticeJson({ ...notice, balance: ledger.receivedKes(shortcode).toFixed(2) }, urls.version);
    const { phone, receipt } = notice;
    callbackSender.send(
      { kind: "c2b_confirmation", url: urls.confirmationUrl, shortcode, phone, receipt, body },
      {
        delayMs: timings().callbackDelayMs + faults.c2bConfirmationLateMs,
        copies: faults.c2bConfirmationCopies,
        copyGapMs: faults.callbackCopyGapMs,
        lost: faults.c2bConfirmationLost,
        redeliveries: 0,
        timeoutMs: timings().callbackTimeoutMs,
      },
    );
  }
}

function refused(code: string, reason: string): C2bOutcome {
  return { status: "refused", code, reason };
}

/** Every value is a string; the phone is masked in v2 and hashed in v1. */
function noticeJson(notice: Notice, version: RegisteredUrls["version"]): string {
  const { phone } = notice;
  return JSON.stringify({
    TransactionType: notice.isTill ? "Buy Goods" : "Pay Bill",
    TransID: notice.receipt,
    TransTime: nairobiTimestamp(notice.at),
    TransAmount: notice.amountKes.toFixed(2),
    BusinessShortCode: notice.payTo,
    BillRefNumber: notice.accountNumber,
    InvoiceNumber: "",
    OrgAccountBalance: notice.balance,
    ThirdPartyTransID: notice.thirdPartyTransId,
    MSISDN: version === "v2" ? `${phone.slice(0, 4)} ***** ${phone.slice(-3)}` : createHash("sha256").update(phone).digest("hex"),
    FirstName: "WANJIKU",
    MiddleName: "",
    LastName: "",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
