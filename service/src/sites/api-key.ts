/** Secret keys: with one, an owner's server calls as its site. Pure. */
import { randomBytes } from "node:crypto";

export const keyAccesses = ["full", "read"] as const;
/** `full` begins with `sk_`. `read` begins with `rk_` and may only read: for reports, and for whoever needs no more. */
export type KeyAccess = (typeof keyAccesses)[number];

/** A secret key, without the key itself: only its hash is kept. */
export type ApiKey = {
  id: string;
  siteId: string;
  /** What it is for, as the operator says it. */
  name: string;
  access: KeyAccess;
  hash: string;
  /** Its last characters, to tell it from others; null: it is older than this record. */
  ending: string | null;
  createdAtMs: number;
  /** To the minute or so; null: never, as far as is known. */
  lastUsedAtMs: number | null;
  /** Refused from then on. null: it was not replaced. */
  endsAtMs: number | null;
};

const ENDING_LENGTH = 4;

export function newKey(prefix: "pk" | "sk" | "rk"): string {
  return `${prefix}_${randomBytes(24).toString("hex")}`;
}

export function endingOf(key: string): string {
  return key.slice(-ENDING_LENGTH);
}

export function isEnded({ endsAtMs }: Pick<ApiKey, "endsAtMs">, nowMs: number): boolean {
  return endsAtMs !== null && endsAtMs <= nowMs;
}
