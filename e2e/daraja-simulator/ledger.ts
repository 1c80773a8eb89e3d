/** Who paid what to whom. Tests compare databases with it. It contains only money that moved. */

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
  /** When the money went back to the payer. UTC milliseconds. */
  reversedAt?: number;
  /** The receipt of the reversal. */
  reversalReceipt?: string;
}

export class Ledger {
  #entries: LedgerEntry[] = [];
  readonly #indexByReceipt = new Map<string, number>();
  readonly #receivedKes = new Map<string, number>();

  add(entry: LedgerEntry): void {
    this.#indexByReceipt.set(entry.receipt, this.#entries.length);
    this.#entries.push(Object.freeze({ ...entry }));
    this.#receivedKes.set(entry.shortcode, this.receivedKes(entry.shortcode) + entry.amountKes);
  }

  find(receipt: string): LedgerEntry | undefined {
    const index = this.#indexByReceipt.get(receipt);
    return index === undefined ? undefined : this.#entries[index];
  }

  /**
   * Marks an entry as reversed.
   * @returns the marked entry; null if there is none or it was reversed before: money goes back once.
   */
  reverse(receipt: string, reversalReceipt: string, at: number): LedgerEntry | null {
    const index = this.#indexByReceipt.get(receipt);
    const entry = index === undefined ? undefined : this.#entries[index];
    if (index === undefined || entry === undefined || entry.reversedAt !== undefined) return null;
    const reversed = Object.freeze({ ...entry, reversedAt: at, reversalReceipt });
    this.#entries[index] = reversed;
    this.#receivedKes.set(entry.shortcode, this.receivedKes(entry.shortcode) - entry.amountKes);
    return reversed;
  }

  /** All entries, oldest first. */
  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** What a shortcode has received since the start, minus reversals: its balance, as C2B reports it. */
  receivedKes(shortcode: string): number {
    return this.#receivedKes.get(shortcode) ?? 0;
  }

  clear(): void {
    this.#entries = [];
    this.#indexByReceipt.clear();
    this.#receivedKes.clear();
  }
}
