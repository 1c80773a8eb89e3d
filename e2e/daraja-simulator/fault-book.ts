/** Which faults are switched on at the moment: for everybody, for one phone, and for the next call. */
import {
  defaultFaults,
  faultsPatchSchema,
  momentOf,
  type FaultMoment,
  type Faults,
  type FaultsPatch,
  type NextFaults,
  type RequestKind,
} from "./faults.ts";
import { patched } from "./patch.ts";
import type { SimulatorEvents } from "./simulator-events.ts";

interface Waiting {
  moment: FaultMoment;
  faults: FaultsPatch;
  phone: string | undefined;
  request: RequestKind | undefined;
  timesLeft: number;
}

export class FaultBook {
  #everywhere: Faults;
  readonly #start: Faults;
  readonly #byPhone = new Map<string, FaultsPatch>();
  #waiting: Waiting[] = [];
  readonly #events: SimulatorEvents;

  constructor(start: FaultsPatch, events: SimulatorEvents) {
    this.#start = patched(defaultFaults, faultsPatchSchema.parse(start));
    this.#everywhere = this.#start;
    this.#events = events;
  }

  /** The faults of a call: those for everybody, overridden by this phone's, overridden by the call's own. */
  inForce(phone?: string, ownFaults: FaultsPatch = {}): Faults {
    const ofPhone = phone === undefined ? undefined : this.#byPhone.get(phone);
    return patched(ofPhone === undefined ? this.#everywhere : patched(this.#everywhere, ofPhone), ownFaults);
  }

  /** Takes the faults that wait for the next call of this kind, if there are any. */
  takeNext(moment: FaultMoment, phone?: string, request?: RequestKind): FaultsPatch {
    const found = this.#waiting.find(
      (entry) =>
        entry.moment === moment &&
        (entry.phone === undefined || entry.phone === phone) &&
        (entry.request === undefined || entry.request === request),
    );
    if (found === undefined) return {};
    found.timesLeft--;
    if (found.timesLeft === 0) this.#waiting = this.#waiting.filter((entry) => entry !== found);
    return found.faults;
  }

  set(patch: FaultsPatch): Faults {
    this.#everywhere = patched(this.#everywhere, faultsPatchSchema.parse(patch));
    this.#events.emit({ type: "settings_changed" });
    return this.#everywhere;
  }

  /** Replaces the faults of one phone. */
  setForPhone(phone: string, patch: FaultsPatch): void {
    this.#byPhone.set(phone, faultsPatchSchema.parse(patch));
    this.#events.emit({ type: "settings_changed" });
  }

  clearPhone(phone: string): void {
    this.#byPhone.delete(phone);
    this.#events.emit({ type: "settings_changed" });
  }

  /** @throws RangeError if the faults belong to different kinds of call, or to none. */
  addNext({ faults, phone, request, times = 1 }: NextFaults): void {
    const parsed = faultsPatchSchema.parse(faults);
    const moment = momentOf(parsed);
    if (moment === undefined) {
      throw new RangeError(
        `One-shot faults must all concern the same call (token, push with its callback, query, or a request with its result): ${Object.keys(parsed).join(", ")}`,
      );
    }
    this.#waiting.push({ moment, faults: parsed, phone, request, timesLeft: times });
    this.#events.emit({ type: "settings_changed" });
  }

  get view() {
    return { everywhere: this.#everywhere, byPhone: Object.fromEntries(this.#byPhone), next: this.#waiting.map((entry) => ({ ...entry })) };
  }

  /** Restores the faults of the start. */
  reset(): void {
    this.#everywhere = this.#start;
    this.#byPhone.clear();
    this.#waiting = [];
    this.#events.emit({ type: "settings_changed" });
  }
}
