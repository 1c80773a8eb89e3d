import type { IncomingMessage } from "node:http";
import { Router, type Request, type Response } from "express";
import { validationBody, type ValidationAnswer } from "../daraja/c2b.ts";
import { withTimeout } from "../platform/with-timeout.ts";
import { validatePayment } from "./c2b/validate-payment.ts";
import type { PaymentsDependencies } from "./payments-dependencies.ts";
import { createCallbackProcessing } from "./process-together.ts";
import { receiveCallback } from "./receive-callback.ts";
import type { CallbackKind } from "./store/callback-inbox.ts";

/** The largest real callback is under 1 kB; a longer one is stored up to here. */
const MAX_BODY_BYTES = 64 * 1024;
/** So much more is read and thrown away, so that the caller gets to its answer; beyond that the connection is closed. */
const MAX_READ_BYTES = 16 * 1024 * 1024;
/** Safaricom waits 8 s for a validation. Without an answer the money goes through, and is recorded when it comes: so it does after a late one. */
const VALIDATION_TIMEOUT_MS = 3_000;

const ACCEPTED = { ResultCode: 0, ResultDesc: "Accepted" } as const;

const ADDRESSES: readonly { path: RegExp; kind: CallbackKind }[] = [
  { path: /^\/callbacks\/stk(?:\/+(.*))?$/i, kind: "stk" },
  { path: /^\/api\/mpesa\/callback(?:\/+(.*))?$/i, kind: "stk" },
  { path: /^\/callbacks\/c2b\/confirmation(?:\/+(.*))?$/i, kind: "c2b" },
  { path: /^\/callbacks\/result(?:\/+(.*))?$/i, kind: "result" },
  { path: /^\/callbacks\/timeout(?:\/+(.*))?$/i, kind: "timeout" },
];

/** What a path says: a secret is hexadecimal, so nothing of it needs decoding. */
function callbackAddress(path: string): { kind: CallbackKind; secret: string | null } | null {
  for (const { path: pattern, kind } of ADDRESSES) {
    const match = pattern.exec(path);
    if (match) return { kind, secret: match[1]?.replace(/\/+$/, "") || null };
  }
  return null;
}

export type Callbacks = {
  router: Router;
  /** Resolves once every callback that was answered has been processed too. */
  settled(): Promise<void>;
};

/** Where Safaricom calls. Everything is stored and answered 200; 503 only if it could not be stored. */
export function createCallbacksRouter(deps: PaymentsDependencies): Callbacks {
  const { logger } = deps;
  const router = Router();
  const processing = createCallbackProcessing(deps);

  const handle = async (kind: CallbackKind, request: Request, response: Response, secret: string | null): Promise<void> => {
    // Read first: a caller who hangs up leaves no address behind.
    const remoteAddress = request.ip ?? "";
    const { body, truncated, unread } = await readBody(request);
    // The rest of the body must not be taken for the caller's next request.
    if (unread) response.set("Connection", "close");
    const stored = await receiveCallback(deps, { kind, secret, remoteAddress, body, truncated }).catch((error: unknown) => {
      request.log.error({ err: error }, "callback could be stored neither in the database nor in the journal");
      return "lost" as const;
    });
    if (stored === "lost") {
      response.status(503).json({ ResultCode: 1, ResultDesc: "Not stored" });
      return;
    }
    response.status(200).json(ACCEPTED);
    if (stored)
      processing.add(stored).catch((error: unknown) => {
        logger.warn({ err: error }, "callback stored but not processed; retried in a few seconds");
      });
  };

  // By the path as it came, not by a route's parameter: one that cannot be decoded is stored too.
  router.use((request, response, next) => {
    const address = request.method === "POST" ? callbackAddress(request.path) : null;
    return address ? handle(address.kind, request, response, address.secret) : next();
  });
  router.post("/callbacks/c2b/validation/:secret", async (request, response) => {
    const { body } = await readBody(request);
    const validating = validatePayment(deps, request.params.secret, body.toString("utf8")).catch((error: unknown): ValidationAnswer => {
      logger.warn({ err: error }, "payment by hand not validated; it goes through and is recorded when it comes");
      return "accept";
    });
    response.json(validationBody(await withTimeout(validating, VALIDATION_TIMEOUT_MS, () => "accept")));
  });

  return { router, settled: processing.idle };
}

async function readBody(request: IncomingMessage): Promise<{ body: Buffer; truncated: boolean; unread: boolean }> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // Leaving the loop must not cut the connection: the answer still has to go through it.
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      if (!Buffer.isBuffer(chunk)) continue;
      length += chunk.length;
      if (length <= MAX_BODY_BYTES + chunk.length) chunks.push(chunk);
      if (length > MAX_READ_BYTES) break;
    }
  } catch {
    // The caller hung up half way: what came is stored all the same.
  }
  return { body: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES), truncated: length > MAX_BODY_BYTES, unread: length > MAX_READ_BYTES };
}
