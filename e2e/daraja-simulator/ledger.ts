/** Who paid what to whom: the truth that tests compare a database with. Only money that moved is here. */

export interface LedgerEntry {
  receipt: string;
  /** 254 and nine digits. */
  payerPhone: string;
  shortcode: string;
  /** Set when the money went to a till of the shortcode. */
  till?: string;
  amountKes: number;
  accountReference: string;
  /** Set when the money answered a prompt. */
  checkoutRequestId?: string;
  kind: "stk" | "c2b";
  /** UTC milliseconds. */
  at: number;
}

export class Ledger {
  #entries: LedgerEntry[] = [];
  readonly #receivedKes = new Map<string, number>();

  add(entry: LedgerEntry): void {
    this.#entries.push(Object.freeze({ ...entry }));
    this.#receivedKes.set(entry.shortcode, this.receivedKes(entry.shortcode) + entry.amountKes);
  }

  /** All entries, oldest first. */
  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** What a shortcode has received since the start: its balance, as C2B reports it. */
  receivedKes(shortcode: string): number {
    return this.#receivedKes.get(shortcode) ?? 0;
  }

  clear(): void {
    this.#entries = [];
    this.#receivedKes.clear();
  }
}
