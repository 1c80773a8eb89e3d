/** The payers' phones: PIN, money, signal, messages, and the rule by which each answers prompts without a person. */
import { z } from "zod";
import { nairobiDay } from "./nairobi-time.ts";
import { patched } from "./patch.ts";
import type { SimulatorEvents } from "./simulator-events.ts";

/** M-Pesa locks a PIN at the third wrong try. */
const WRONG_PIN_TRIES_MAX = 3;
/** What one payer may send in a day. */
const DAILY_LIMIT_KES = 500_000;
/** More would only make the phone page slow. */
const MESSAGES_KEPT = 50;

export const phoneSchema = z.string().regex(/^254[17]\d{8}$/, "254, then 7 or 1, then 8 digits");
const pinSchema = z.string().regex(/^\d{4}$/, "four digits");
const delayMs = z.number().int().min(0).max(2_147_483_647).optional();

export const ruleSchema = z.union([
  z.strictObject({
    action: z.enum(["by_hand", "pay", "cancel", "wrong_pin", "no_answer", "insufficient", "offline"]),
    delayMs: delayMs.describe("From the prompt to the answer; default 0."),
  }),
  z.strictObject({ action: z.literal("fail"), code: z.string().min(1).max(20), delayMs }).describe("Ends with this result code."),
]);
/** How a phone answers a prompt: by a person (`by_hand`) or by a rule. */
export type PhoneRule = z.infer<typeof ruleSchema>;

export const phonePatchSchema = z
  .strictObject({
    pin: pinSchema,
    balanceKes: z.number().int().min(0),
    online: z.boolean(),
    pinLocked: z.boolean(),
    rule: ruleSchema,
    dailyLimitKes: z.number().int().min(0),
  })
  .partial();
export type PhonePatch = z.infer<typeof phonePatchSchema>;

export interface Message {
  id: number;
  /** UTC milliseconds. */
  at: number;
  text: string;
}

export interface Phone {
  phone: string;
  pin: string;
  balanceKes: number;
  online: boolean;
  pinLocked: boolean;
  wrongPinTries: number;
  dailyLimitKes: number;
  rule: PhoneRule;
  /** Newest first. */
  messages: Message[];
}

interface Spending {
  day: string;
  spentKes: number;
  /** When each amount was last paid to each shortcode, for the rule against repeated amounts. */
  lastPaidAt: Map<string, number>;
}

type PhoneDefaults = Omit<Phone, "phone" | "wrongPinTries" | "messages">;
const factoryDefaults: PhoneDefaults = {
  pin: "1234",
  balanceKes: 100_000,
  online: true,
  pinLocked: false,
  dailyLimitKes: DAILY_LIMIT_KES,
  rule: { action: "by_hand" },
};

export class PhoneBook {
  readonly #phones = new Map<string, Phone>();
  readonly #spending = new Map<string, Spending>();
  readonly #start: PhoneDefaults;
  readonly #events: SimulatorEvents;
  #defaults: PhoneDefaults;
  #messageId = 0;

  constructor(defaults: PhonePatch, events: SimulatorEvents) {
    this.#start = patched(factoryDefaults, phonePatchSchema.parse(defaults));
    this.#defaults = this.#start;
    this.#events = events;
  }

  /** The phone of this number; a new number gets a phone with the defaults. */
  get(phone: string): Phone {
    const known = this.#phones.get(phone);
    if (known !== undefined) return known;
    const fresh: Phone = { phone: phoneSchema.parse(phone), ...this.#defaults, wrongPinTries: 0, messages: [] };
    this.#phones.set(phone, fresh);
    return fresh;
  }

  get all(): Phone[] {
    return [...this.#phones.values()];
  }

  set(phone: string, patch: PhonePatch): Phone {
    const parsed = phonePatchSchema.parse(patch);
    const known = this.get(phone);
    const unlocked = parsed.pinLocked === false ? { wrongPinTries: 0 } : {};
    return this.#replace({ ...patched<Phone>(known, parsed), ...unlocked });
  }

  /** Sets the defaults of phones that are created from now on. */
  setDefaults(patch: PhonePatch): PhoneDefaults {
    this.#defaults = patched(this.#defaults, phonePatchSchema.parse(patch));
    return this.#defaults;
  }

  get defaults(): PhoneDefaults {
    return this.#defaults;
  }

  /** Checks a PIN and counts wrong ones. */
  tryPin(phone: string, pin: string): "right" | "wrong" | "locked" {
    const known = this.get(phone);
    if (known.pinLocked) return "locked";
    if (pin === known.pin) {
      if (known.wrongPinTries > 0) this.#replace({ ...known, wrongPinTries: 0 });
      return "right";
    }
    const wrongPinTries = known.wrongPinTries + 1;
    const pinLocked = wrongPinTries >= WRONG_PIN_TRIES_MAX;
    this.#replace({ ...known, wrongPinTries, pinLocked });
    return pinLocked ? "locked" : "wrong";
  }

  /** The result code by which M-Pesa would refuse a payment of this phone now; null: none. */
  refusal(phone: string, amountKes: number, atMs: number): "1" | "4" | null {
    const known = this.get(phone);
    if (this.#spent(phone, atMs).spentKes + amountKes > known.dailyLimitKes) return "4";
    return known.balanceKes < amountKes ? "1" : null;
  }

  /** When this phone last paid this amount to this shortcode; undefined: never. */
  lastPaidAt(phone: string, shortcode: string, amountKes: number): number | undefined {
    return this.#spending.get(phone)?.lastPaidAt.get(`${shortcode} ${amountKes}`);
  }

  /** Takes the money. Call `refusal` first. @returns the balance after it */
  spend(phone: string, shortcode: string, amountKes: number, atMs: number): number {
    const spending = this.#spent(phone, atMs);
    spending.spentKes += amountKes;
    spending.lastPaidAt.set(`${shortcode} ${amountKes}`, atMs);
    const known = this.get(phone);
    return this.#replace({ ...known, balanceKes: known.balanceKes - amountKes }).balanceKes;
  }

  /** Gives money back. What the payer has spent today does not change. @returns the balance after it */
  refund(phone: string, amountKes: number): number {
    const known = this.get(phone);
    return this.#replace({ ...known, balanceKes: known.balanceKes + amountKes }).balanceKes;
  }

  sendMessage(phone: string, text: string, atMs: number): void {
    const known = this.get(phone);
    const message: Message = { id: ++this.#messageId, at: atMs, text };
    this.#replace({ ...known, messages: [message, ...known.messages].slice(0, MESSAGES_KEPT) });
  }

  reset(): void {
    this.#phones.clear();
    this.#spending.clear();
    this.#defaults = this.#start;
  }

  #spent(phone: string, atMs: number): Spending {
    const day = nairobiDay(atMs);
    const known = this.#spending.get(phone);
    if (known?.day === day) return known;
    const fresh: Spending = { day, spentKes: 0, lastPaidAt: known?.lastPaidAt ?? new Map() };
    this.#spending.set(phone, fresh);
    return fresh;
  }

  #replace(phone: Phone): Phone {
    this.#phones.set(phone.phone, phone);
    this.#events.emit({ type: "phone_changed", phone: phone.phone });
    return phone;
  }
}
