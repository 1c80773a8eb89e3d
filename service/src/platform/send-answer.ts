import type { Response } from "express";
import type { Answer } from "./idempotency.ts";

/** Sends an answer, also one that is repeated under an `Idempotency-Key`. */
export function sendAnswer(response: Response, { status, body, retryAfterMs }: Answer): void {
  if (retryAfterMs !== undefined) response.set("Retry-After", String(Math.max(1, Math.ceil(retryAfterMs / 1_000))));
  response.status(status);
  if (status === 204) response.end();
  else response.type(status < 400 ? "application/json" : "application/problem+json").send(JSON.stringify(body));
}
