import { request } from "undici";

/** Null: no answer, or none that is JSON. */
export type OwnerCall = (
  path: string,
  wish?: { method?: "POST" | "PATCH"; body: object; key: string },
) => Promise<{ status: number; body: unknown } | null>;

const ANSWER_WITHIN_MS = 15_000;

/** Calls as the owner's server does, with the secret key, at any copy. */
export function createOwnerClient(anyUrl: () => string, secretKey: string): OwnerCall {
  return async (path, wish) => {
    try {
      const answer = await request(anyUrl() + path, {
        method: wish === undefined ? "GET" : (wish.method ?? "POST"),
        headers: {
          Authorization: `Bearer ${secretKey}`,
          "Content-Type": "application/json",
          ...(wish && { "Idempotency-Key": wish.key }),
        },
        body: wish === undefined ? null : JSON.stringify(wish.body),
        headersTimeout: ANSWER_WITHIN_MS,
        bodyTimeout: ANSWER_WITHIN_MS,
      });
      return { status: answer.statusCode, body: await answer.body.json() };
    } catch {
      return null;
    }
  };
}
