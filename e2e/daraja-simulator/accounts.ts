/** The businesses that Safaricom knows: their app credentials, shortcode and tills. */
import { z } from "zod";

/** The sandbox's initiator: the name is Safaricom's, the password this simulator's own. */
export const sandboxInitiator = { name: "testapi", password: "Sandbox-initiator-1" };

export const accountSchema = z.strictObject({
  consumerKey: z.string().min(1),
  consumerSecret: z.string().min(1),
  shortcode: z.string().regex(/^\d{5,7}$/, "5 to 7 digits"),
  passkey: z.string().min(1),
  /** Till numbers that pay into this shortcode. */
  tills: z.array(z.string().regex(/^\d{5,8}$/, "5 to 8 digits")).default([]),
  /** As the prompt and the SMS name it. */
  businessName: z.string().min(1).default("AMANI TUTORS"),
  /** The user in whose name the business asks for a transaction's status or a reversal. */
  initiator: z.strictObject({ name: z.string().min(1), password: z.string().min(1) }).default(sandboxInitiator),
});
export type Account = z.output<typeof accountSchema>;
export type AccountInput = z.input<typeof accountSchema>;

/** Safaricom's public sandbox: everybody's shortcode and passkey. The key and secret are this simulator's own. */
export const sandboxAccount: Account = {
  consumerKey: "sandbox-consumer-key",
  consumerSecret: "sandbox-consumer-secret",
  shortcode: "174379",
  passkey: "bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919",
  tills: [],
  businessName: "AMANI TUTORS",
  initiator: sandboxInitiator,
};

export class Accounts {
  readonly #byShortcode = new Map<string, Account>();
  readonly #byKey = new Map<string, Account>();

  /** Adds a business, or replaces the one with the same shortcode. */
  add(input: AccountInput): Account {
    const account = accountSchema.parse(input);
    const replaced = this.#byShortcode.get(account.shortcode);
    if (replaced !== undefined) this.#byKey.delete(replaced.consumerKey);
    this.#byShortcode.set(account.shortcode, account);
    this.#byKey.set(account.consumerKey, account);
    return account;
  }

  byShortcode(shortcode: string): Account | undefined {
    return this.#byShortcode.get(shortcode);
  }

  byCredentials(consumerKey: string, consumerSecret: string): Account | undefined {
    const account = this.#byKey.get(consumerKey);
    return account?.consumerSecret === consumerSecret ? account : undefined;
  }

  /** The business that a paybill or till number belongs to. */
  byPayTo(number: string): Account | undefined {
    return this.#byShortcode.get(number) ?? this.all.find((account) => account.tills.includes(number));
  }

  get all(): Account[] {
    return [...this.#byShortcode.values()];
  }
}
