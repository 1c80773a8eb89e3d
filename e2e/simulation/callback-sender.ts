import { createHash } from "node:crypto";
import { toNairobiStamp } from "../../service/src/daraja/nairobi-time.ts";
import { secretOf } from "../factories/secret-of.ts";
import { accountWithShortcode } from "./accounts.ts";
import type { Delivery } from "./delivery.ts";
import type { Random } from "./random.ts";
import type { LedgerEntry, Prompt } from "./safaricom.ts";
import type { World } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const FORGED = 0.08;

type CommandAnswer = { code: string; message?: string; conversationId: string; ownReceipt: string | null; resultUrl: string };
type Said = { code: string; amountKes?: number; receipt?: string };

/** Sends callbacks to the service: once, never, repeatedly, late, out of order, or with items missing; and forged ones. */
export class CallbackSender {
  readonly #world: World;
  readonly #random: Random;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork();
  }

  tell(prompt: Prompt, code: string): void {
    const random = this.#random;
    const { counts } = this.#world;
    const times = random.weighted({ lost: 14, once: 72, often: 14 });
    if (times === "lost") {
      counts.callbacksLost += 1;
      return this.#say(`loses the callback of ${prompt.checkoutRequestId}`, prompt.secret);
    }
    const said: Said = code === "0" && prompt.entry ? { code, amountKes: prompt.amountKes, receipt: prompt.entry.receipt } : { code };
    for (let count = times === "once" ? 1 : random.between(2, 4); count > 0; count--) {
      const delayMs = this.#delayMs();
      const body = this.#body(prompt, said, true);
      const address = { kind: "stk", path: `/callbacks/stk/${prompt.secret}`, secret: prompt.secret } as const;
      this.#deliver(delayMs, { ...address, about: prompt.secret, body, isGenuine: true });
    }
  }

  /** Sends the paybill's notice of money, with or without a prompt. */
  notify(entry: LedgerEntry): void {
    const random = this.#random;
    const times = random.weighted({ lost: 40, once: 46, often: 14 });
    if (times === "lost") return this.#say(`loses the notice of ${entry.receipt}`, entry.bookingId);
    const body = this.#notice(entry);
    for (let count = times === "once" ? 1 : random.between(2, 4); count > 0; count--)
      this.#deliver(this.#delayMs(), {
        ...noticeAddress(accountWithShortcode(entry.shortcode).noticeSecret),
        about: entry.bookingId,
        body,
        isGenuine: true,
      });
  }

  /** Sends the result of a status query or a reversal. */
  answer(entry: LedgerEntry, { code, message = "said by the simulation", conversationId, ownReceipt, resultUrl }: CommandAnswer): void {
    const random = this.#random;
    const times = this.#world.isHealed ? "once" : random.weighted({ lost: 12, timeout: 5, once: 65, often: 18 });
    if (times === "lost") return this.#say(`loses the result about ${entry.receipt}`, entry.bookingId);
    const secret = secretOf(resultUrl);
    const kind = times === "timeout" ? "timeout" : "result";
    const stamp = Number(toNairobiStamp(entry.atMs));
    const status = [
      { Key: "ReceiptNo", Value: entry.receipt },
      { Key: "TransactionStatus", Value: "Completed" },
      { Key: "Amount", Value: random.chance(0.5) ? entry.amountKes : `${entry.amountKes}.0` },
      { Key: "CreditPartyName", Value: `${entry.shortcode} - AMANI TUTORS` },
      { Key: "DebitPartyName", Value: `${entry.phone} - WANJIKU KAMAU` },
      { Key: "FinalisedTime", Value: stamp },
    ];
    const reversal = [
      { Key: "Amount", Value: entry.amountKes },
      { Key: "OriginalTransactionID", Value: entry.receipt },
    ];
    const Result = {
      ResultType: 0,
      ResultCode: /^\d+$/.test(code) && !random.chance(0.3) ? Number(code) : code,
      ResultDesc: message,
      ConversationID: conversationId,
      TransactionID: ownReceipt ?? entry.receipt,
      ResultParameters: { ResultParameter: random.shuffled(ownReceipt === null ? status : reversal) },
    };
    const body = JSON.stringify({ Result });
    for (let count = times === "often" ? random.between(2, 3) : 1; count > 0; count--) {
      const delayMs = this.#world.isHealed ? random.between(1, 800) : this.#delayMs();
      this.#deliver(delayMs, { kind, path: `/callbacks/${kind}/${secret}`, secret, about: entry.bookingId, body, isGenuine: true });
    }
  }

  /** Sometimes sends a forged or mistaken callback about this prompt. */
  mayForge(prompt: Prompt): void {
    const random = this.#random;
    if (!random.chance(FORGED)) return;
    const { secret, amountKes } = prompt;
    const receipt = `FORGED${String(random.between(1_000, 9_999))}`;
    const [takenReceipt] = random.shuffled([...this.#world.tables.receipts.keys()]);
    const delayMs = random.between(10, 3 * MINUTE_MS);
    const deliver = (said: Said, onSecret: string | null): void => {
      const body = this.#body(prompt, said, false);
      const path = onSecret === null ? "/api/mpesa/callback" : `/callbacks/stk/${onSecret}`;
      this.#deliver(delayMs, { kind: "stk", path, secret: onSecret, about: secret, body, isGenuine: false });
    };
    switch (random.weighted({ amount: 3, noSecret: 2, wrongSecret: 1, failsWithoutSecret: 1, takenReceipt: 4, garbage: 1, notice: 2 })) {
      case "notice": {
        const body = this.#notice({ ...prompt, receipt });
        return this.#deliver(delayMs, { ...noticeAddress("00".repeat(32)), about: secret, body, isGenuine: false });
      }
      case "amount":
        return deliver({ code: "0", amountKes: random.pick([1, amountKes - 1, amountKes + 1]), receipt }, secret);
      case "noSecret":
        return deliver({ code: "0", amountKes, receipt }, null);
      case "wrongSecret":
        return deliver({ code: "0", amountKes, receipt }, "00".repeat(32));
      case "failsWithoutSecret":
        return deliver({ code: "1032" }, null);
      case "takenReceipt":
        return takenReceipt === undefined ? undefined : deliver({ code: "0", amountKes, receipt: takenReceipt }, secret);
      case "garbage":
        return this.#deliver(delayMs, {
          kind: "stk",
          path: "?",
          secret,
          about: secret,
          body: random.pick(["", "{", "[]", '{"Body":1}']),
          isGenuine: false,
        });
    }
  }

  #delayMs(): number {
    const random = this.#random;
    switch (random.weighted({ at_once: 60, soon: 25, minutes: 10, hours: 4, tomorrow: 1 })) {
      case "at_once":
        return random.between(1, 800);
      case "soon":
        return random.between(800, 30_000);
      case "minutes":
        return random.between(30_000, 20 * MINUTE_MS);
      case "hours":
        return random.between(20 * MINUTE_MS, 6 * HOUR_MS);
      case "tomorrow":
        return random.between(24 * HOUR_MS, 25.5 * HOUR_MS);
    }
  }

  #body({ checkoutRequestId, merchantRequestId, phone }: Prompt, { code, amountKes, receipt }: Said, mayBeMaimed: boolean): string {
    const random = this.#random;
    const isNumber = /^\d+$/.test(code) && !random.chance(0.15);
    const whole = [
      { Name: "Amount", Value: random.chance(0.1) ? `${amountKes}.00` : amountKes },
      { Name: "MpesaReceiptNumber", Value: random.chance(0.05) ? receipt?.toLowerCase() : receipt },
      { Name: "Balance" },
      { Name: "TransactionDate", Value: Number(toNairobiStamp(this.#world.scheduler.nowMs)) },
      { Name: "PhoneNumber", Value: random.chance(0.3) ? "2547***001" : Number(phone) },
    ];
    const items = mayBeMaimed && random.chance(0.08) ? whole.filter(() => random.chance(0.5)) : whole;
    const stkCallback = {
      MerchantRequestID: merchantRequestId,
      CheckoutRequestID: checkoutRequestId,
      ResultCode: isNumber ? Number(code) : code,
      ResultDesc: "said by the simulation",
      ...(code === "0" && { CallbackMetadata: { Item: random.shuffled(items) } }),
    };
    return JSON.stringify({ Body: { stkCallback } });
  }

  #notice({
    receipt,
    amountKes,
    phone,
    shortcode,
    accountNumber,
  }: Pick<LedgerEntry, "receipt" | "amountKes" | "phone" | "shortcode" | "accountNumber">): string {
    const random = this.#random;
    return JSON.stringify({
      TransactionType: "Pay Bill",
      TransID: receipt,
      TransTime: toNairobiStamp(this.#world.scheduler.nowMs),
      TransAmount: `${amountKes}.00`,
      BusinessShortCode: shortcode,
      BillRefNumber: accountNumber,
      MSISDN: random.chance(0.8) ? `${phone.slice(0, 4)} ***** ${phone.slice(-3)}` : createHash("sha256").update(phone).digest("hex"),
    });
  }

  #deliver(delayMs: number, callback: Omit<Delivery, "number">): void {
    const { scheduler, counts } = this.#world;
    const number = (counts.callbacksSent += 1);
    if (!callback.isGenuine) counts.callbacksForged += 1;
    scheduler.after(delayMs, () => this.#world.deliver({ number, ...callback }));
  }

  #say(what: string, about: string): void {
    this.#world.story?.say(this.#world.scheduler.nowMs, "Safaricom", what, about);
  }
}

function noticeAddress(secret: string) {
  return { kind: "c2b", path: `/callbacks/c2b/confirmation/${secret}`, secret } as const;
}
