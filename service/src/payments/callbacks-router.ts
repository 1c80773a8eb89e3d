import type { IncomingMessage } from "node:http";
import { Router, type Request, type Response } from "express";
import type { Logger } from "../platform/logger.ts";
import { validationBody, type ValidationAnswer } from "../daraja/c2b.ts";
import { receiveCallback } from "./receive-callback.ts";
import type { CallbackKind } from "./store/callback-inbox.ts";
import { validatePayment } from "./c2b/process-confirmation.ts";
import { processCallback, type Receiver } from "./process-callback.ts";

/** The largest real callback is under 1 kB; what is beyond this is kept only up to here. */
const MAX_BODY_BYTES = 64 * 1024;
/** Read and thrown away, so that the caller gets to its answer; beyond that nobody is listened to any longer. */
const MAX_READ_BYTES = 16 * 1024 * 1024;

const ACCEPTED = { ResultCode: 0, ResultDesc: "Accepted" } as const;

export type CallbackProcessing = {
  /** Resolves once every callback that was answered has been read too. */
  settled(): Promise<void>;
};

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

/** Where Safaricom calls. Everything is kept and answered 200; 503 only when it could not be kept. */
export function createCallbacksRouter(receiver: Receiver): { router: Router; readings: CallbackProcessing } {
  const router = Router();
  const underWay = new Set<Promise<unknown>>();

  const handle = async (kind: CallbackKind, request: Request, response: Response, secret: string | null): Promise<void> => {
    // Asked first: a caller who hangs up leaves no address behind.
    const remoteAddress = request.ip ?? "";
    const { body, truncated, unread } = await readBody(request);
    // What the caller still has to say must not be taken for its next request.
    if (unread) response.set("Connection", "close");
    const stored = await receiveCallback(receiver, { kind, secret, remoteAddress, body, truncated }).catch((error: unknown) => {
      request.log.error({ err: error }, "callback could be stored neither in the database nor in the journal");
      return "lost" as const;
    });
    if (stored === "lost") {
      response.status(503).json({ ResultCode: 1, ResultDesc: "Not stored" });
      return;
    }
    response.status(200).json(ACCEPTED);
    if (stored) track(underWay, processCallback(receiver, stored), receiver.logger);
  };

  // By the path as it came, not by a route's parameter: one that cannot be decoded is kept too.
  router.use((request, response, next) => {
    const address = request.method === "POST" ? callbackAddress(request.path) : null;
    return address ? handle(address.kind, request, response, address.secret) : next();
  });
  router.post("/callbacks/c2b/validation/:secret", async (request, response) => {
    const { body } = await readBody(request);
    const validating = validatePayment(receiver, request.params.secret, body.toString("utf8"));
    response.json(validationBody(await answerInTime(validating, receiver.logger)));
  });

  return { router, readings: { settled: async () => void (await Promise.allSettled(underWay)) } };
}

/** Safaricom waits 8 s for a validation. Without an answer of ours the money goes through, and is kept and listed: so does a late or failed one. */
const VALIDATION_TIMEOUT_MS = 3_000;

async function answerInTime(validating: Promise<ValidationAnswer>, logger: Logger): Promise<ValidationAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<ValidationAnswer>((resolve) => {
    timer = setTimeout(() => resolve("accept"), VALIDATION_TIMEOUT_MS);
  });
  const judged = validating.catch((error: unknown): ValidationAnswer => {
    logger.warn({ err: error }, "a payment by hand could not be judged; it goes through, and is kept whatever it is");
    return "accept";
  });
  const answer = await Promise.race([judged, late]);
  clearTimeout(timer);
  return answer;
}

function track(underWay: Set<Promise<unknown>>, work: Promise<unknown>, logger: Logger): void {
  const settled = work
    .catch((error: unknown) => logger.warn({ err: error }, "callback stored but not read yet; it is read again in a moment"))
    .finally(() => underWay.delete(settled));
  underWay.add(settled);
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
    // The caller hung up half way: what came is kept all the same.
  }
  return { body: Buffer.concat(chunks).subarray(0, MAX_BODY_BYTES), truncated: length > MAX_BODY_BYTES, unread: length > MAX_READ_BYTES };
}
