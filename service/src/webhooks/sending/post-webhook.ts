import { Agent, request } from "undici";
import { createGuardedConnector, HostRefusedError, type ConnectorParts } from "./guarded-connector.ts";
import { problemWithUrl } from "./webhook-url.ts";

/** `status` null: there was no answer. `problem` null: a 2xx came in time. `answer`: the beginning of its body. */
export type PostResult = { status: number | null; problem: string | null; answer: string | null };

export type WebhookPost = { url: string; headers: Record<string, string>; body: string; signal: AbortSignal };

export type WebhookClient = {
  /** Never throws, follows no redirect, uses no proxy, and ends within ten seconds. */
  post(post: WebhookPost): Promise<PostResult>;
  close(): Promise<void>;
};

/** The receiver has this long for everything, name look-up included. */
export const POST_TIMEOUT_MS = 10_000;
/** Enough for a page that says what is wrong; a receiver could send without end. */
const ANSWER_READ_MAX = 64 * 1_024;
/** Kept for the owner. More would let a webhook read from where it is pointed. */
const ANSWER_KEPT_MAX = 1_024;
const HEADERS_MAX = 16 * 1_024;

/** Opens as many connections to a receiver as there are posts at once: sites that share a host do not wait for each other. */
export function createWebhookClient(connector: ConnectorParts): WebhookClient {
  const agent = new Agent({
    connect: createGuardedConnector(connector),
    connections: null,
    pipelining: 1,
    headersTimeout: POST_TIMEOUT_MS,
    bodyTimeout: POST_TIMEOUT_MS,
    maxHeaderSize: HEADERS_MAX,
  });
  return {
    async post({ url, headers, body, signal }) {
      const problem = problemWithUrl(url, connector.allowedHosts);
      if (problem !== null) return { status: null, problem: `the address ${problem}`, answer: null };
      const ending = new AbortController();
      const end = (): void => ending.abort();
      const timer = setTimeout(end, POST_TIMEOUT_MS);
      signal.addEventListener("abort", end, { once: true });
      try {
        const response = await request(url, { dispatcher: agent, method: "POST", headers, body, signal: ending.signal });
        const answer = await readStart(response.body);
        return { status: response.statusCode, problem: problemWithStatus(response.statusCode), answer };
      } catch (error) {
        return { status: null, problem: describe(error), answer: null };
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", end);
      }
    },
    close: () => agent.destroy(),
  };
}

/** Its status has come, so whatever happens to the body changes nothing. */
async function readStart(body: AsyncIterable<Uint8Array> & { destroy(): unknown }): Promise<string> {
  const kept: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of body) {
      if (length < ANSWER_KEPT_MAX) kept.push(chunk);
      length += chunk.length;
      if (length >= ANSWER_READ_MAX) break;
    }
  } catch {
    // What came until then is kept.
  }
  body.destroy();
  const start = Buffer.concat(kept).subarray(0, ANSWER_KEPT_MAX);
  // A character that was cut in two, or is none, reads as U+FFFD; zeros are refused by some databases.
  return new TextDecoder().decode(start).replaceAll("\0", "");
}

function problemWithStatus(status: number): string | null {
  if (status >= 200 && status < 300) return null;
  return status >= 300 && status < 400 ? `answered ${status}; redirects are not followed` : `answered ${status}`;
}

const PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refused the connection",
  ECONNRESET: "closed the connection without an answer",
  UND_ERR_SOCKET: "closed the connection without an answer",
  ENOTFOUND: "its name is unknown",
  ENODATA: "its name has no address",
  EAI_AGAIN: "its name could not be looked up",
  ETIMEOUT: "its name could not be looked up",
  CERT_HAS_EXPIRED: "its certificate has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is self-signed",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted: is the intermediate certificate missing?",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

function describe(error: unknown): string {
  if (!(error instanceof Error)) return "could not be reached";
  if (error instanceof HostRefusedError) return `the address is not allowed: ${error.message}`;
  if (error.name === "TimeoutError" || error.name === "AbortError") return "did not answer within 10 s";
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  return PROBLEMS[code] ?? (code === "" ? error.message : `could not be reached (${code})`);
}
