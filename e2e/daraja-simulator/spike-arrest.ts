/** Apigee's spike arrest: 5 per 60 s means one every 12 s, not five and then a pause. */
export class SpikeArrest {
  readonly #nextAllowedAt = new Map<string, number>();

  /** Whether this caller may pass now. A refused call costs nothing. */
  admits(caller: string, nowMs: number, perPeriod: number, periodMs: number): boolean {
    if (nowMs < (this.#nextAllowedAt.get(caller) ?? 0)) return false;
    this.#nextAllowedAt.set(caller, nowMs + periodMs / perPeriod);
    return true;
  }

  clear(): void {
    this.#nextAllowedAt.clear();
  }
}
