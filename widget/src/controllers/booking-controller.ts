import type { ReactiveController, ReactiveControllerHost } from "lit";
import type { Offer } from "../api/contract.ts";
import { createIdempotencyKey } from "../api/payments-api.ts";
import { isRecord } from "../api/parse-booking.ts";
import { SomoPayBookedEvent } from "../events.ts";
import { readSlots } from "../internal/slots.ts";
import { recall, remember } from "../internal/storage.ts";
import type { AttentionController } from "./attention-controller.ts";
import type { CheckoutController } from "./checkout-controller.ts";

interface BookingHost extends ReactiveControllerHost, EventTarget {
  bookingId: string;
  readonly siteKey: string;
  readonly sessionType: string;
  readonly slots: readonly string[] | string;
}

/** What the service is asked to book, beside the session type. */
interface Details {
  parentName: string;
  childName: string;
  email: string;
  date: string;
  time: string;
}
export type FieldName = keyof Details | "slot";
type Wrongness = `${keyof Details}Missing` | "chooseSlot" | "emailInvalid" | "dateInPast";
type Trouble = "notBooked" | "checkDetails" | "tooMany";

/** What is shown of the form. */
export interface BookingForm {
  readonly values: Readonly<Record<FieldName, string>>;
  readonly wrong: Partial<Record<FieldName, Wrongness>>;
  readonly trouble: Trouble | undefined;
  readonly sending: boolean;
  /** The times on offer; none: any day and time. */
  readonly slots: readonly string[];
  /** A booking that was made here a while ago is being read. */
  readonly resuming: boolean;
  readonly onInput: (event: Event) => void;
  readonly onSubmit: (event: Event) => void;
}

/** A parent who comes back within this time goes on with the booking that was made here. */
const REMEMBER_MS = 2 * 3_600_000;
const TRIES = 3;
const RETRY_PAUSE_MS = 1_500;

/** Asks a parent whose page names no booking for the details of one, and books. */
export class BookingController implements ReactiveController, BookingForm {
  readonly values: Record<FieldName, string> = { parentName: "", childName: "", email: "", date: "", time: "", slot: "" };
  wrong: Partial<Record<FieldName, Wrongness>> = {};
  trouble: Trouble | undefined;
  sending = false;
  slots: readonly string[] = [];
  resuming = false;
  /** What is being booked, as the price list says; missing while that is not known. */
  offer: Offer | undefined;
  /** The element's booking was made by this form. */
  isOwnBooking = false;

  readonly #host: BookingHost;
  readonly #checkout: CheckoutController;
  readonly #attention: AttentionController;
  #slotsGiven: readonly string[] | string = "";
  #begun = "";
  /** A request whose answer was lost is repeated with its key, so that one form never makes two bookings. */
  #unanswered: { key: string; body: string } | undefined;

  constructor(host: BookingHost, checkout: CheckoutController, attention: AttentionController) {
    this.#host = host;
    this.#checkout = checkout;
    this.#attention = attention;
    host.addController(this);
  }

  /** What was booked here a while ago comes before the form. */
  hostUpdate(): void {
    if (this.#checkout.state.name !== "details") return;
    if (this.#host.slots !== this.#slotsGiven) this.slots = readSlots((this.#slotsGiven = this.#host.slots));
    const key = this.#memory();
    if (this.#begun === key) return;
    this.#begun = key;
    void this.#resume();
    void this.#readOffer();
  }

  /** Leaves the booking that was made here for a new one. */
  leave(): void {
    this.isOwnBooking = false;
    this.#host.bookingId = "";
    remember(this.#memory(), "");
    this.#begun = "";
  }

  readonly onInput = ({ target: field }: Event): void => {
    if (!isControl(field) || !this.#isField(field.name)) return;
    this.values[field.name] = field.value;
    this.trouble = undefined;
    delete this.wrong[field.name];
    this.#host.requestUpdate();
  };

  readonly onSubmit = (event: Event): void => {
    event.preventDefault();
    if (event.target instanceof HTMLFormElement && !this.sending) void this.#submit([...event.target.elements].filter(isControl));
  };

  async #submit(fields: Control[]): Promise<void> {
    const needed = fields.filter((field) => field.hasAttribute("aria-required"));
    this.wrong = Object.fromEntries(needed.flatMap((field) => (this.#isField(field.name) ? wrongnessOf(field.name, field) : [])));
    if (this.slots.length && !this.values.slot) this.wrong.slot = "chooseSlot";
    this.trouble = undefined;
    if (Object.keys(this.wrong).length === 0) await this.#send();
    if (Object.keys(this.wrong).length) this.#attention.focusWrongField();
    this.#host.requestUpdate();
  }

  #isField(name: string): name is FieldName {
    return name in this.values;
  }

  async #send(): Promise<void> {
    this.sending = true;
    this.#host.requestUpdate();
    const { slot, ...details } = this.values;
    const [date = details.date, time = details.time] = this.slots.length ? slot.split("T") : [];
    const refused = await this.#book({ ...details, date, time });
    this.sending = false;
    if (refused === "dateInPast") this.wrong = { [this.slots.length ? "slot" : "date"]: refused };
    else this.trouble = refused;
  }

  /** Where the booking that was made here is remembered. */
  #memory(): string {
    const { siteKey, sessionType } = this.#host;
    return `somopay-booking:${siteKey}:${sessionType}`;
  }

  async #resume(): Promise<void> {
    const [bookingId = "", atMs] = recall(this.#memory()).split(" ");
    const { api } = this.#checkout;
    if (!bookingId || !api || Date.now() - Number(atMs) > REMEMBER_MS) return;
    this.resuming = true;
    const answer = await api.readBooking(bookingId);
    this.resuming = false;
    if (answer.kind === "booking" || answer.kind === "lost") this.isOwnBooking = true;
    if (answer.kind === "booking") this.#checkout.adopt(answer.booking);
    else if (answer.kind === "lost") this.#host.bookingId = bookingId;
    else remember(this.#memory(), "");
    this.#host.requestUpdate();
  }

  async #readOffer(): Promise<void> {
    const { siteKey, sessionType } = this.#host;
    const list = await this.#checkout.api?.readSessionTypes(siteKey);
    if (!Array.isArray(list)) return;
    const found: unknown = list.find((type) => isRecord(type) && type["code"] === sessionType);
    if (isRecord(found) && typeof found["amount"] === "number") {
      this.offer = { amount: found["amount"], session: { sessionType, name: String(found["name"]), date: "", time: "" } };
      this.#host.requestUpdate();
    } else {
      console.error(`<somo-pay>: the price list has no session type "${sessionType}".`);
    }
  }

  /** @returns why nothing was booked */
  async #book(details: Details): Promise<Trouble | "dateInPast" | undefined> {
    const { siteKey, sessionType } = this.#host;
    const request = { sessionType, ...details };
    const body = JSON.stringify(request);
    const key = this.#unanswered?.body === body ? this.#unanswered.key : createIdempotencyKey();
    this.#unanswered = { key, body };
    for (let tries = 1; tries <= TRIES; tries++) {
      const answer = await this.#checkout.api?.post("/api/bookings", request, { "X-Site-Key": siteKey, "Idempotency-Key": key });
      if (answer?.kind === "booking") {
        this.#unanswered = undefined;
        const { booking } = answer;
        const { bookingId, reference } = booking;
        remember(this.#memory(), `${bookingId} ${Date.now()}`);
        this.isOwnBooking = true;
        this.#checkout.adopt(booking);
        this.#host.dispatchEvent(new SomoPayBookedEvent({ bookingId, reference, booking }));
        return undefined;
      }
      if (answer?.kind === "refused") {
        this.#unanswered = undefined;
        return refusalOf(answer.problem, answer.code);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MS));
    }
    return "notBooked";
  }
}

type Control = HTMLInputElement | HTMLSelectElement;
const isControl = (target: unknown): target is Control => target instanceof HTMLInputElement || target instanceof HTMLSelectElement;

/** The field's name and what is wrong with it, or nothing. */
function wrongnessOf(name: FieldName, { value, validity }: Control): [FieldName, Wrongness][] {
  if (value.trim() && validity.typeMismatch) return [[name, "emailInvalid"]];
  if (value.trim() && validity.valid) return [];
  return [[name, name === "slot" ? "chooseSlot" : `${name}Missing`]];
}

function refusalOf(problem: string, code: unknown): Trouble | "dateInPast" {
  if (code === "date_in_past") return "dateInPast";
  if (problem === "not_allowed") console.error("<somo-pay>: the service allows no booking from here: see site-key and allowedOrigins.");
  return problem === "too_many" ? "tooMany" : "checkDetails";
}
