/** The Daraja client: sends a push at most once, queries, checks credentials and sends commands. Each has a deadline, and none throws. */
import { createAccessTokens } from "./access-token.ts";
import { buildRegisterBody, C2B_REGISTER_PATH } from "./c2b.ts";
import { createCircuit, type Circuit } from "./circuit.ts";
import { classifyCommandReply, type Command } from "./command.ts";
import { TOKEN_REFUSED_CODE, isMissingProduct, isTokenFault, isWrongCredentials, readErrorBody } from "./daraja-errors.ts";
import { createExchanger } from "./http-exchange.ts";
import { OAUTH_PATH, TokenError, readTokenReply } from "./oauth-reply.ts";
import { buildQrBody, QR_PATH, readQrAnswer } from "./qr-code.ts";
import { reversalCommand } from "./reversal.ts";
import { PUSH_PATH, buildPushBody, classifyPushReply, problemWithPush } from "./stk-push.ts";
import { QUERY_PATH, buildQueryBody, classifyQueryAnswer } from "./stk-query.ts";
import { transactionStatusCommand } from "./transaction-status.ts";
import { own, parseObject, safeText } from "./untrusted-json.ts";
import type { SharedTokenStore } from "./access-token.ts";
import type {
  C2bAddresses,
  CommandReply,
  DarajaClient,
  DarajaCredentials,
  DarajaLogger,
  Initiator,
  PushReply,
  PushRequest,
  QrAnswer,
  QrRequest,
  QueryAnswer,
} from "./daraja-types.ts";
import type { Exchange } from "./http-exchange.ts";
import type { FetchedToken } from "./oauth-reply.ts";

export type { DarajaClient } from "./daraja-types.ts";

export type DarajaClientOptions = {
  /** `https://api.safaricom.co.ke`, the sandbox's, or the simulator's. */
  baseUrl: string;
  tokenStore: SharedTokenStore;
  /** UTC milliseconds. */
  now: () => number;
  logger: DarajaLogger;
  /** For tests. */
  limits?: Partial<DarajaLimits>;
};

export type DarajaLimits = typeof defaultLimits;

const defaultLimits = {
  /** Token and push together. The holder of an idempotency key counts as dead after 10 s, so a push must end before that. */
  pushDeadlineMs: 9_000,
  /** A push takes 1 to 3 s. With less time left than this it would often end as `unclear`, so it is not sent. */
  pushMinMs: 3_000,
  /** Queries run in the background and answer within a second or two. */
  queryDeadlineMs: 8_000,
  /** Tokens arrive within a second; a slow one must leave enough time for the push. */
  tokenTimeoutMs: 4_000,
  /** A lost SYN is resent after 1 s, a second one after 3 s. */
  connectTimeoutMs: 3_500,
  /** Consecutive failures that open the circuit. */
  troublesToOpen: 10,
  circuitOpenMs: 10_000,
};

/** A CheckoutRequestID that Safaricom never gave. */
const NO_PAYMENT = "ws_CO_01012020000000000000000000";

type Refused = Extract<PushReply, { kind: "refused" }>;
type Attempt = { reply: PushReply; troubled: boolean };

export function createDarajaClient(options: DarajaClientOptions): DarajaClient {
  const { now, logger } = options;
  const limits: DarajaLimits = { ...defaultLimits, ...options.limits };
  const base = options.baseUrl.replace(/\/+$/, "");
  const http = createExchanger(limits.connectTimeoutMs);
  const tokens = createAccessTokens({
    store: options.tokenStore,
    fetchToken,
    fetchTimeoutMs: limits.tokenTimeoutMs,
    now,
    logger,
    realm: base,
  });
  // Two circuits: slow queries must never stop a parent from paying.
  const pushCircuitOf = circuitPerAccount("pushes");
  const queryCircuitOf = circuitPerAccount("queries");

  /**
   * An account that Safaricom answers oddly must not stop the others' payments. Also when its host cannot be reached: then each account finds out by
   * itself, at the cost of its first ten calls, and no failure of one can be taken for a failure of all.
   */
  function circuitPerAccount(name: string): (credentials: DarajaCredentials) => Circuit {
    const circuits = new Map<string, Circuit>();
    return ({ consumerKey, shortcode }) => {
      const key = `${consumerKey} ${shortcode}`;
      const circuit = circuits.get(key) ?? namedCircuit(name, shortcode);
      circuits.set(key, circuit);
      return circuit;
    };
  }

  function namedCircuit(name: string, shortcode: string): Circuit {
    const facts = { circuit: name, shortcode };
    return createCircuit({
      troublesToOpen: limits.troublesToOpen,
      openMs: limits.circuitOpenMs,
      onOpen: () => logger.warn(facts, `Daraja unavailable: circuit open for ${limits.circuitOpenMs / 1_000} s`),
      onClose: () => logger.info(facts, "Daraja available again: circuit closed"),
    });
  }

  async function fetchToken({ consumerKey, consumerSecret }: DarajaCredentials): Promise<FetchedToken> {
    const basic = Buffer.from(`${consumerKey}:${consumerSecret}`).toString("base64");
    const exchange = await http.exchange({
      method: "GET",
      url: new URL(base + OAUTH_PATH),
      headers: { authorization: `Basic ${basic}`, accept: "application/json" },
      timeoutMs: limits.tokenTimeoutMs,
    });
    if (exchange.kind !== "reply") throw new TokenError("unreachable", `Safaricom cannot be reached (${exchange.code})`);
    return readTokenReply(exchange.status, exchange.text);
  }

  function post(path: string, token: string, body: object, timeoutMs: number): Promise<Exchange> {
    return http.exchange({
      method: "POST",
      url: new URL(base + path),
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
      timeoutMs,
    });
  }

  async function push(credentials: DarajaCredentials, request: PushRequest, deadlineMs = limits.pushDeadlineMs): Promise<PushReply> {
    const startedMs = performance.now();
    const reply = await pushWithin(credentials, request, startedMs, deadlineMs);
    const fields = {
      kind: reply.kind,
      ms: Math.round(performance.now() - startedMs),
      phone: `…${request.phone.slice(-3)}`,
      ...describe(reply),
    };
    if (reply.kind === "accepted") logger.info(fields, "push accepted");
    else if (reply.kind === "refused" && reply.reason === "misconfigured")
      logger.error({ ...fields, shortcode: credentials.shortcode }, "Safaricom refuses this account's payments; a setting is wrong");
    else logger.warn(fields, reply.kind === "refused" ? "push refused" : "push unclear");
    return reply;
  }

  async function pushWithin(
    credentials: DarajaCredentials,
    request: PushRequest,
    startedMs: number,
    deadlineMs: number,
  ): Promise<PushReply> {
    const problem = problemWithPush(request);
    if (problem !== null) return refused("rejected", "invalid_request", problem);
    const pushes = pushCircuitOf(credentials);
    const refusedForMs = pushes.refusesForMs();
    if (refusedForMs !== null) return circuitOpen(refusedForMs);

    const minMs = Math.min(limits.pushMinMs, deadlineMs / 3);
    const leftMs = () => deadlineMs - (performance.now() - startedMs);
    const first = await tokenOrRefusal(() => tokens.get(credentials, Math.min(limits.tokenTimeoutMs, leftMs() - minMs)));
    if (typeof first !== "string") {
      // No token means that Daraja is down, which counts as a failure. A site's wrong secret does not.
      if (first.reason === "busy")
        await pushes.run(
          async () => first,
          () => true,
        );
      return first;
    }
    const run = await pushes.run(
      () => sendWithToken(credentials, request, first, minMs, leftMs),
      ({ troubled }) => troubled,
    );
    return "result" in run ? run.result.reply : circuitOpen(run.refusedForMs);
  }

  async function sendWithToken(
    credentials: DarajaCredentials,
    request: PushRequest,
    token: string,
    minMs: number,
    leftMs: () => number,
  ): Promise<Attempt> {
    const first = await sendOnce(credentials, request, token, leftMs());
    if (!refusedForToken(first.reply)) return first;
    const renewed = await tokenOrRefusal(() => tokens.refused(credentials, token, leftMs() - minMs));
    if (typeof renewed !== "string") return { reply: renewed, troubled: renewed.reason === "busy" };
    // The only case in which a push is sent again: this code means that the gateway rejected the first one unread.
    if (first.reply.code !== TOKEN_REFUSED_CODE || leftMs() < minMs) return first;
    const second = await sendOnce(credentials, request, renewed, leftMs());
    return refusedForToken(second.reply) ? { ...second, reply: newTokenRefused(second.reply.code) } : second;
  }

  /** The ONLY place from which a prompt can reach a phone. Called once, or twice if the token was refused in between. */
  async function sendOnce(credentials: DarajaCredentials, request: PushRequest, token: string, timeoutMs: number): Promise<Attempt> {
    const exchange = await post(PUSH_PATH, token, buildPushBody(credentials, request, now()), timeoutMs);
    if (exchange.kind === "unsent") {
      return { reply: refused("busy", "unsent", `Safaricom cannot be reached (${exchange.code})`), troubled: true };
    }
    if (exchange.kind === "lost") return { reply: { kind: "unclear", message: `no reply (${exchange.code})` }, troubled: true };
    const reply = classifyPushReply(exchange.status, exchange.text);
    return { reply, troubled: reply.kind === "unclear" };
  }

  async function query(credentials: DarajaCredentials, checkoutRequestId: string): Promise<QueryAnswer> {
    const run = await queryCircuitOf(credentials).run(
      () => ask(credentials, checkoutRequestId),
      ({ troubled }) => troubled,
    );
    return "result" in run ? run.result.answer : { kind: "pending", message: "not queried: circuit open" };
  }

  /** Does not retry failures: the caller queries again later, and every query counts against the limit of five per minute. */
  async function ask(credentials: DarajaCredentials, checkoutRequestId: string): Promise<{ answer: QueryAnswer; troubled: boolean }> {
    const startedMs = performance.now();
    const leftMs = () => Math.max(1, limits.queryDeadlineMs - (performance.now() - startedMs));
    let token = await tokenOrRefusal(() => tokens.get(credentials, leftMs()));
    for (let tries = 0; typeof token === "string"; tries += 1) {
      const exchange = await post(QUERY_PATH, token, buildQueryBody(credentials, checkoutRequestId, now()), leftMs());
      if (exchange.kind !== "reply") return { answer: { kind: "pending", message: `no answer (${exchange.code})` }, troubled: true };
      const error = readErrorBody(parseObject(exchange.text));
      // Not "in progress": waiting does not help, so the owner must be told.
      if (tries > 0 && error && isTokenFault(error)) {
        const { code, message } = newTokenRefused(error.code);
        return { answer: { kind: "unrecognised", code, message }, troubled: false };
      }
      if (!error || !isTokenFault(error)) {
        return { answer: classifyQueryAnswer(exchange.status, exchange.text, checkoutRequestId), troubled: false };
      }
      const stale = token;
      token = await tokenOrRefusal(() => tokens.refused(credentials, stale, leftMs()));
    }
    if (token.reason === "busy") return { answer: { kind: "pending", message: token.message }, troubled: true };
    // Only the owner can fix this, so the owner must be told.
    return { answer: { kind: "unrecognised", code: token.code, message: token.message }, troubled: false };
  }

  /** Asks about a payment that does not exist: Safaricom gives tokens also to apps whose every other call it refuses. */
  async function checkCredentials(credentials: DarajaCredentials): Promise<{ ok: true } | { ok: false; problem: string }> {
    const token = await tokenOrRefusal(() => tokens.renew(credentials, limits.queryDeadlineMs));
    if (typeof token !== "string") return { ok: false, problem: token.message };
    const exchange = await post(QUERY_PATH, token, buildQueryBody(credentials, NO_PAYMENT, now()), limits.queryDeadlineMs);
    const error = exchange.kind === "reply" ? readErrorBody(parseObject(exchange.text)) : null;
    if (error && isTokenFault(error)) return { ok: false, problem: newTokenRefused(error.code).message };
    if (error && (isMissingProduct(error) || isWrongCredentials(error)))
      return { ok: false, problem: `Safaricom refuses this shortcode and passkey (${error.code} ${safeText(error.text)})` };
    return { ok: true };
  }

  async function registerC2b(
    credentials: DarajaCredentials,
    addresses: C2bAddresses,
  ): Promise<{ ok: true } | { ok: false; problem: string }> {
    const token = await tokenOrRefusal(() => tokens.get(credentials, limits.queryDeadlineMs));
    if (typeof token !== "string") return { ok: false, problem: token.message };
    const exchange = await post(C2B_REGISTER_PATH, token, buildRegisterBody(credentials.shortcode, addresses), limits.queryDeadlineMs);
    if (exchange.kind !== "reply") return { ok: false, problem: `Safaricom cannot be reached (${exchange.code})` };
    const body = parseObject(exchange.text);
    // Newer recordings have 00000000.
    if (exchange.status === 200 && /^0+$/.test(String(own(body, "ResponseCode")))) return { ok: true };
    const error = readErrorBody(body);
    return { ok: false, problem: error ? `${error.code} ${error.text}` : `Safaricom answered ${exchange.status}` };
  }

  /** Sends the command once, and again only after a refused token, because the gateway then rejected the first one unread. */
  async function command(credentials: DarajaCredentials, build: (initiator: Initiator) => Command): Promise<CommandReply> {
    if (!credentials.initiator)
      return { kind: "refused", reason: "misconfigured", code: "no_initiator", message: "no initiator is configured" };
    const startedMs = performance.now();
    const leftMs = () => Math.max(1, limits.queryDeadlineMs - (performance.now() - startedMs));
    const { path, body } = build(credentials.initiator);
    let token = await tokenOrRefusal(() => tokens.get(credentials, leftMs()));
    for (let tries = 0; typeof token === "string"; tries += 1) {
      const exchange = await post(path, token, body, leftMs());
      if (exchange.kind === "unsent")
        return { kind: "refused", reason: "busy", code: "unsent", message: `Safaricom cannot be reached (${exchange.code})` };
      if (exchange.kind === "lost") return { kind: "unclear", message: `no reply (${exchange.code})` };
      const reply = classifyCommandReply(exchange.status, exchange.text);
      if (reply.kind !== "refused" || reply.code !== TOKEN_REFUSED_CODE) return reply;
      if (tries > 0) return { ...newTokenRefused(reply.code), reason: "misconfigured" };
      const stale = token;
      token = await tokenOrRefusal(() => tokens.refused(credentials, stale, leftMs()));
    }
    return {
      kind: "refused",
      reason: token.reason === "misconfigured" ? "misconfigured" : "busy",
      code: token.code,
      message: token.message,
    };
  }

  async function qrCode(credentials: DarajaCredentials, request: QrRequest): Promise<QrAnswer> {
    const token = await tokenOrRefusal(() => tokens.get(credentials, limits.tokenTimeoutMs));
    if (typeof token !== "string") return { kind: "none", message: token.message };
    const exchange = await post(QR_PATH, token, buildQrBody(request), limits.queryDeadlineMs);
    if (exchange.kind !== "reply") return { kind: "none", message: `Safaricom cannot be reached (${exchange.code})` };
    return readQrAnswer(exchange.status, exchange.text);
  }

  return {
    push,
    query,
    checkCredentials,
    registerC2b,
    qrCode,
    lookUp: (credentials, receipt, addresses) =>
      command(credentials, (initiator) => transactionStatusCommand(credentials, initiator, receipt, addresses)),
    reverse: (credentials, request, addresses) =>
      command(credentials, (initiator) => reversalCommand(credentials, initiator, request, addresses)),
    close: () => http.close(),
    breakerState: (credentials) => pushCircuitOf(credentials).state(),
  };
}

/** A token, or a refusal, because without a token nothing was sent. */
async function tokenOrRefusal(obtain: () => Promise<string>): Promise<string | Refused> {
  try {
    return await obtain();
  } catch (error) {
    if (error instanceof TokenError && error.kind === "wrong_credentials")
      return refused("misconfigured", "wrong_credentials", error.message);
    return refused("busy", "no_token", error instanceof Error ? error.message : "no access token");
  }
}

function refusedForToken(reply: PushReply): reply is Refused {
  return reply.kind === "refused" && reply.code !== null && isTokenFault({ from: "daraja", code: reply.code, text: "" });
}

function refused(reason: Refused["reason"], code: string, message: string): Refused {
  return { kind: "refused", reason, code, message };
}

/** Safaricom gave a token and does not take it: trying again later cannot help. */
function newTokenRefused(code: string | null): Refused {
  const message =
    "Safaricom refuses also a new access token: the app lacks this product, the keys are those of the other environment, or another program renews the token all the time";
  return refused("misconfigured", code ?? TOKEN_REFUSED_CODE, message);
}

function circuitOpen(refusedForMs: number): Refused {
  return { ...refused("busy", "circuit_open", "not sent: circuit open"), retryAfterMs: Math.ceil(refusedForMs) };
}

/** Log fields. The CheckoutRequestID contains the phone number, so only the MerchantRequestID is logged; Safaricom's support asks for that one. */
function describe(reply: PushReply): object {
  if (reply.kind === "accepted") return { merchantRequestId: reply.merchantRequestId };
  if (reply.kind === "unclear") return { problem: reply.message };
  return { reason: reply.reason, code: reply.code, problem: reply.message };
}
