import type { PushRequest } from "../../service/src/daraja/daraja-types.ts";
import type { Attempt } from "../../service/src/payments/payment.ts";
import { hashSecret } from "../../service/src/platform/ids.ts";
import { secretOf } from "../factories/secret-of.ts";
import { CallbackSender } from "./callback-sender.ts";
import type { Random } from "./random.ts";
import { UNDECIDABLE_CODES, type Command, type LedgerEntry, type Prompt, type Safaricom, type WireReply } from "./safaricom.ts";
import { attemptOfSecret } from "./table-lookups.ts";
import type { World } from "./world.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
/** How often a second prompt on one phone is accepted despite the lock. */
const LOCK_LEAKS = 0.1;
/** When a prompt without an answer fails. */
const NO_ANSWER_AFTER_MS = [26 * SECOND_MS, 60 * SECOND_MS] as const;
const REFUSALS = [
  { status: 500, errorCode: "500.003.02", errorMessage: "System is busy. Please try again in few minutes." },
  { status: 500, errorCode: "500.003.02", errorMessage: "Error Occurred: Spike Arrest Violation" },
  { status: 400, errorCode: "400.002.02", errorMessage: "Bad Request - Invalid PhoneNumber" },
  { status: 500, errorCode: "500.001.1001", errorMessage: "Wrong credentials" },
] as const;
/** Answers that say "not known yet". */
const IN_FLIGHT = [
  { status: 200, body: { ResponseCode: "0", ResultCode: "4999", ResultDesc: "The transaction is still under processing" } },
  { status: 200, body: { requestId: "1", errorCode: "500.001.1001", errorMessage: "" } },
  { status: 500, body: { requestId: "1", errorCode: "500.001.1001", errorMessage: "The transaction is being processed" } },
  { status: 500, body: { requestId: "1", errorCode: "500.001.1001", errorMessage: "The transaction does not Exist" } },
  { status: 400, body: { requestId: "1", errorCode: "400.002.02", errorMessage: "Bad Request - Invalid CheckoutRequestID" } },
  { status: 500, body: { requestId: "1", errorCode: "500.003.1001", errorMessage: "Internal Server Error" } },
  { status: 502, body: "<html>Bad Gateway</html>" },
  { status: 200, body: { ResponseCode: "0", ResultCode: "E3008", ResultDesc: "nobody knows this one" } },
] as const;
/** Safaricom and the parents' phones: accepts pushes, moves money, and reports it or not. */
export class SimulatedSafaricom implements Safaricom {
  readonly ledger: LedgerEntry[] = [];
  readonly #ledgerOf = new Map<string, LedgerEntry[]>();
  readonly prompts = new Map<string, Prompt>();
  readonly #world: World;
  readonly #random: Random;
  readonly #callbackSender: CallbackSender;
  readonly #promptBySecretHash = new Map<string, Prompt>();
  readonly #lockedPhones = new Map<string, number>();
  #count = 0;

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#callbackSender = new CallbackSender(world);
  }

  promptOf({ callbackSecretHash }: Attempt): Prompt | undefined {
    return this.#promptBySecretHash.get(callbackSecretHash);
  }

  ledgerOf(bookingId: string): readonly LedgerEntry[] {
    return this.#ledgerOf.get(bookingId) ?? [];
  }

  payByHand(payment: Parameters<Safaricom["payByHand"]>[0]): LedgerEntry {
    const entry = this.#move({ ...payment, secret: null });
    this.#world.counts.byHand += 1;
    this.#world.story?.say(
      entry.atMs,
      "Safaricom",
      `KES ${entry.amountKes} by hand for "${entry.accountNumber}" (${entry.receipt})`,
      entry.bookingId,
    );
    this.#callbackSender.notify(entry);
    return entry;
  }

  /** Null: nothing arrives over the wire. */
  takeCommand(command: Command): WireReply {
    const random = this.#random;
    const { isHealed, counts, scheduler } = this.#world;
    counts.commands += 1;
    const fate = isHealed ? "taken" : random.weighted({ taken: 80, lost: 8, broken: 4, busy: 8 });
    const afterMs = random.between(50, 1_500);
    if (fate === "busy") {
      const error = { requestId: "1", errorCode: "500.003.02", errorMessage: "System is busy. Please try again in few minutes." };
      return { status: 500, body: JSON.stringify(error), afterMs };
    }
    const conversationId = `AG_${counts.commands}`;
    const entry = this.ledger.find(({ receipt }) => receipt === command.receipt);
    if (entry && entry.shortcode !== command.shortcode) this.#answerStranger(command, entry, conversationId);
    else if (entry) {
      const code = command.kind === "look_up" ? "0" : this.#reverse(entry);
      const ownReceipt = command.kind === "look_up" ? null : `UR${entry.receipt.slice(2)}`;
      scheduler.after(0, () => this.#callbackSender.answer(entry, { code, conversationId, ownReceipt, resultUrl: command.resultUrl }));
    }
    if (fate === "lost") return null;
    if (fate === "broken") return { status: 502, body: "<html></html>", afterMs };
    return { status: 200, body: JSON.stringify({ ConversationID: conversationId, ResponseCode: "0" }), afterMs };
  }

  /** Another account asks: it is told that there is no such transaction, and may not reverse it. */
  #answerStranger({ kind, resultUrl }: Command, entry: LedgerEntry, conversationId: string): void {
    if (kind === "reverse") return this.#world.fail("money is given back from the account that has it", entry.bookingId);
    const answer = { code: "2032", message: "The transaction does not exist", conversationId, ownReceipt: null, resultUrl };
    this.#world.scheduler.after(0, () => this.#callbackSender.answer(entry, answer));
  }

  takePush(request: PushRequest, shortcode: string): WireReply {
    const random = this.#random;
    const secret = secretOf(request.callbackUrl);
    const isLocked = (this.#lockedPhones.get(request.phone) ?? 0) > this.#world.scheduler.nowMs;
    if (isLocked && !random.chance(LOCK_LEAKS)) {
      const errorMessage = "Unable to lock subscriber, a transaction is already in process for the current subscriber";
      return this.#refuse(secret, { status: 500, errorCode: "500.001.1001", errorMessage });
    }
    const fate = random.weighted({ taken: 84, late: 5, lost: 6, brokenAfter: 2, brokenBefore: 2, refused: 5 });
    if (fate === "refused") return this.#refuse(secret, random.pick(REFUSALS));
    const broken = { requestId: "1", errorCode: "500.003.1001", errorMessage: "Internal Server Error" };
    const afterMs = random.between(50, 1_500);
    if (fate === "brokenBefore") return { status: 500, body: JSON.stringify(broken), afterMs };
    const prompt = this.#prompt(request, secret, shortcode);
    if (fate === "brokenAfter") return { status: 500, body: random.pick([JSON.stringify(broken), "", "<html></html>"]), afterMs };
    if (fate === "lost") return null;
    const { checkoutRequestId: CheckoutRequestID, merchantRequestId: MerchantRequestID } = prompt;
    const body = JSON.stringify({ MerchantRequestID, CheckoutRequestID, ResponseCode: "0", ResponseDescription: "Success" });
    return { status: 200, body, afterMs: fate === "late" ? random.between(2_000, 8_900) : afterMs };
  }

  answerQuery(checkoutRequestId: string, shortcode: string): WireReply {
    const random = this.#random;
    const { faults, isHealed, counts } = this.#world;
    counts.queries += 1;
    const prompt = this.prompts.get(checkoutRequestId);
    const code = prompt?.codes.at(-1);
    if (prompt && prompt.shortcode !== shortcode)
      this.#world.fail("Safaricom is asked about a prompt by the account that sent it", prompt.secret);
    const afterMs = random.between(50, 1_000);
    if (!isHealed && random.chance(faults.queryRefused)) {
      const faultstring = "Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=5, periodInMicroseconds=60000000}";
      const fault = { fault: { faultstring, detail: { errorcode: "policies.ratelimit.SpikeArrestViolation" } } };
      return random.pick([{ status: 429, body: JSON.stringify(fault), afterMs }, null]);
    }
    if (code === undefined || (!isHealed && random.chance(0.15))) {
      const { status, body } = random.pick(IN_FLIGHT);
      return { status, body: typeof body === "string" ? body : JSON.stringify(body), afterMs };
    }
    const ids = { MerchantRequestID: prompt?.merchantRequestId, CheckoutRequestID: checkoutRequestId };
    return { status: 200, body: JSON.stringify({ ResponseCode: "0", ...ids, ResultCode: code, ResultDesc: "as it is" }), afterMs };
  }

  #refuse(secret: string, { status, ...error }: { status: number; errorCode: string; errorMessage: string }): WireReply {
    this.#say(`refuses the push: ${error.errorMessage}`, secret);
    return { status, body: JSON.stringify({ requestId: "1", ...error }), afterMs: this.#random.between(50, 1_500) };
  }

  #reverse(entry: LedgerEntry): string {
    if (entry.reversedAtMs !== null) return "R000001";
    entry.reversedAtMs = this.#world.scheduler.nowMs;
    this.#world.story?.say(entry.reversedAtMs, "Safaricom", `gives ${entry.receipt} back`, entry.bookingId);
    return "0";
  }

  #move(paid: Omit<LedgerEntry, "receipt" | "atMs" | "reversedAtMs">): LedgerEntry {
    const receipt = `UK${String(this.ledger.length + 1).padStart(8, "0")}`;
    const entry = { ...paid, receipt, atMs: this.#world.scheduler.nowMs, reversedAtMs: null };
    this.ledger.push(entry);
    this.#ledgerOf.set(entry.bookingId, [...this.ledgerOf(entry.bookingId), entry]);
    return entry;
  }

  #prompt({ phone, amountKes, accountReference }: PushRequest, secret: string, shortcode: string): Prompt {
    const { scheduler, counts } = this.#world;
    this.#count += 1;
    const checkoutRequestId = `ws_CO_${String(this.#count).padStart(14, "0")}${phone.slice(-9)}`;
    const prompt: Prompt = {
      checkoutRequestId,
      merchantRequestId: `29115-${this.#count}-1`,
      phone,
      amountKes,
      secret,
      shortcode,
      accountNumber: accountReference,
      codes: [],
      entry: null,
    };
    const secretHash = hashSecret(secret);
    if (this.#promptBySecretHash.has(secretHash)) this.#world.fail("an attempt gets at most one prompt", secret);
    this.#world.checkPrompt(prompt);
    counts.prompts += 1;
    this.prompts.set(checkoutRequestId, prompt);
    this.#promptBySecretHash.set(secretHash, prompt);
    this.#lockedPhones.set(phone, scheduler.nowMs + MINUTE_MS);
    this.#say(`prompts ${checkoutRequestId}, KES ${amountKes}`, secret);
    this.#letPayerAct(prompt);
    this.#callbackSender.mayForge(prompt);
    return prompt;
  }

  #letPayerAct(prompt: Prompt): void {
    const random = this.#random;
    const { scheduler } = this.#world;
    const actsAfterMs = random.chance(0.1) ? random.between(5, 100) : random.between(1 * SECOND_MS, 55 * SECOND_MS);
    const act = random.weighted({ pays: 62, fails: 16, odd: 6, silent: 16 });
    if (act === "pays") return void scheduler.after(actsAfterMs, () => this.#pay(prompt));
    const code =
      act === "silent"
        ? "1037"
        : random.pick(act === "odd" ? ["SFC_IC0003", ...UNDECIDABLE_CODES] : ["1", "17", "1019", "1032", "2001", "8006"]);
    const failsAfterMs = act === "silent" ? random.pick(NO_ANSWER_AFTER_MS) : actsAfterMs;
    scheduler.after(failsAfterMs, () => {
      this.#decide(prompt, code);
      this.#callbackSender.tell(prompt, code);
    });
    // The prompt stayed open longer than Safaricom reported, and the payer still entered the PIN.
    if (!random.chance(act === "silent" ? 0.35 : 0.03)) return;
    const lateMs = random.weighted({ soon: 6, hour: 2, day: 1 });
    const byMs = lateMs === "soon" ? random.between(1, 90_000) : random.between(MINUTE_MS, lateMs === "hour" ? HOUR_MS : 25.5 * HOUR_MS);
    scheduler.after(failsAfterMs + byMs, () => this.#pay(prompt));
  }

  #pay(prompt: Prompt): void {
    const { phone, amountKes, secret, shortcode, accountNumber } = prompt;
    const bookingId = attemptOfSecret(this.#world.tables, secret)?.bookingId;
    if (bookingId === undefined) throw new Error("a prompt without an attempt");
    const entry = this.#move({ phone, amountKes, secret, shortcode, bookingId, accountNumber });
    prompt.entry = entry;
    this.#decide(prompt, "0", ` (${entry.receipt})`);
    this.#callbackSender.tell(prompt, "0");
    this.#callbackSender.notify(entry);
  }

  #decide(prompt: Prompt, code: string, more = ""): void {
    prompt.codes.push(code);
    this.#lockedPhones.delete(prompt.phone);
    this.#say(`decides ${prompt.checkoutRequestId}: ${code === "0" ? "PAID" : code}${more}`, prompt.secret);
  }

  #say(what: string, secret: string): void {
    this.#world.story?.say(this.#world.scheduler.nowMs, "Safaricom", what, secret);
  }
}
