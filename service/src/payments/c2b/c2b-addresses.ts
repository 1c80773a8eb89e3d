import { z } from "zod";
import type { Clock } from "../../platform/clock.ts";
import type { Database } from "../../platform/database.ts";

/** The addresses at which Safaricom reports payments to a paybill, by the hash of the secret in their path. */
export type C2bAddresses = {
  /** The shortcode whose payments are reported at the address with this secret; null: we registered no such address. */
  shortcodeOf(secretHash: string): Promise<string | null>;
  /** Whether payments to this shortcode are reported to us. */
  has(shortcode: string): Promise<boolean>;
  add(secretHash: string, shortcode: string): Promise<void>;
  remove(secretHash: string): Promise<void>;
};

const rowSchema = z.object({ shortcode: z.string() }).optional();

export function createC2bAddresses({ knex }: Database, now: Clock): C2bAddresses {
  const addresses = () => knex("c2b_addresses");
  return {
    async shortcodeOf(secretHash) {
      const row: unknown = await addresses().where({ secret_hash: secretHash }).first("shortcode");
      return rowSchema.parse(row)?.shortcode ?? null;
    },
    has: async (shortcode) => (await addresses().where({ shortcode }).first("shortcode")) !== undefined,
    add: async (secretHash, shortcode) => void (await addresses().insert({ secret_hash: secretHash, shortcode, registered_at: now() })),
    remove: async (secretHash) => void (await addresses().where({ secret_hash: secretHash }).delete()),
  };
}
