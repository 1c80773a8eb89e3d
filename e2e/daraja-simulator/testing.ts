/** For this folder's tests: a merchant that calls Daraja and receives callbacks. */
import { constants, publicEncrypt } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { Agent, request } from "undici";
import { afterEach } from "vitest";
import { z } from "zod";
import { sandboxAccount, type Account } from "./accounts.ts";
import { certificate } from "./certificate.ts";
import { nairobiTimestamp } from "./nairobi-time.ts";
import { startDarajaSimulator, type DarajaSimulator, type DarajaSimulatorOptions } from "./server.ts";

export const PHONE = "254708374149";
export const OTHER_PHONE = "254711000002";

const closing: Array<() => Promise<void>> = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** A simulator that ends with the test; queries are not limited unless the test says so. */
export async function simulator(options: DarajaSimulatorOptions = {}): Promise<DarajaSimulator> {
  const started = await startDarajaSimulator({ ...options, faults: { queryRateLimited: false, ...options.faults } });
  closing.push(() => started.stop());
  return started;
}

export interface Answer {
  status: number;
  text: string;
  /** Undefined when the text is not JSON. */
  body: unknown;
}

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  body: unknown;
}

export interface Merchant {
  callbackUrl: string;
  received: Received[];
  /** The merchant's answers to callbacks, by path; default 200 Accepted. */
  answers: Map<string, { status: number; body: unknown }>;
  url(path: string): string;
}

export async function merchant(): Promise<Merchant> {
  const received: Received[] = [];
  const answers: Merchant["answers"] = new Map();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const path = incoming.url ?? "";
      const text = Buffer.concat(chunks).toString("utf8");
      received.push({ path, headers: incoming.headers, text, body: parse(text) });
      const answer = answers.get(path) ?? { status: 200, body: { ResultCode: 0, ResultDesc: "Accepted" } };
      response.writeHead(answer.status, { "Content-Type": "application/json" }).end(JSON.stringify(answer.body));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const url = (path: string) => `http://127.0.0.1:${address.port}${path}`;
  closing.push(async () => {
    server.close();
    server.closeAllConnections();
  });
  return { callbackUrl: url("/callback"), received, answers, url };
}

export interface PushFields {
  [field: string]: unknown;
}

/** A merchant's server. It requests a new token only if told to. */
export class Caller {
  readonly #base: string;
  readonly #account: Account;
  readonly #agent = new Agent();
  #token: string | null = null;

  constructor(base: string, account: Account = sandboxAccount) {
    this.#base = base;
    this.#account = account;
    closing.push(() => this.#agent.destroy());
  }

  async token(): Promise<string> {
    const { consumerKey, consumerSecret } = this.#account;
    const answer = await this.get("/oauth/v1/generate?grant_type=client_credentials", basic(consumerKey, consumerSecret));
    this.#token = z.object({ access_token: z.string() }).parse(answer.body).access_token;
    return this.#token;
  }

  pushFields(callbackUrl: string, fields: PushFields = {}): PushFields {
    return {
      BusinessShortCode: this.#account.shortcode,
      ...this.#password(),
      TransactionType: "CustomerPayBillOnline",
      Amount: 1500,
      PartyA: PHONE,
      PartyB: this.#account.shortcode,
      PhoneNumber: PHONE,
      CallBackURL: callbackUrl,
      AccountReference: "7K3MWQX2",
      TransactionDesc: "Maths",
      ...fields,
    };
  }

  async push(callbackUrl: string, fields: PushFields = {}): Promise<Answer> {
    return this.post("/mpesa/stkpush/v1/processrequest", this.pushFields(callbackUrl, fields));
  }

  /** Pushes and returns the id of the prompt. */
  async pushed(callbackUrl: string, fields: PushFields = {}): Promise<string> {
    const answer = await this.push(callbackUrl, fields);
    return z.object({ CheckoutRequestID: z.string() }).parse(answer.body).CheckoutRequestID;
  }

  async query(checkoutRequestId: string): Promise<Answer> {
    return this.post("/mpesa/stkpushquery/v1/query", {
      BusinessShortCode: this.#account.shortcode,
      ...this.#password(),
      CheckoutRequestID: checkoutRequestId,
    });
  }

  /** Queries a transaction's status; the result goes to `/result`, the timeout notice to `/timeout`. */
  status(shop: Merchant, transactionId: string, fields: PushFields = {}): Promise<Answer> {
    return this.post("/mpesa/transactionstatus/v1/query", {
      ...this.#initiator(shop),
      CommandID: "TransactionStatusQuery",
      TransactionID: transactionId,
      PartyA: this.#account.shortcode,
      IdentifierType: "4",
      ...fields,
    });
  }

  /** Requests a reversal of the 1,500 shillings that `pushFields` pays. */
  reverse(shop: Merchant, transactionId: string, fields: PushFields = {}): Promise<Answer> {
    return this.post("/mpesa/reversal/v1/request", {
      ...this.#initiator(shop),
      CommandID: "TransactionReversal",
      TransactionID: transactionId,
      Amount: 1500,
      ReceiverParty: this.#account.shortcode,
      RecieverIdentifierType: "11",
      ...fields,
    });
  }

  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const token = this.#token ?? (await this.token());
    const sent = typeof body === "string" ? body : JSON.stringify(body);
    return this.#call("POST", path, { Authorization: `Bearer ${token}`, "Content-Type": "application/json", ...headers }, sent);
  }

  get(path: string, authorization?: string): Promise<Answer> {
    return this.#call("GET", path, authorization === undefined ? {} : { Authorization: authorization });
  }

  /** Calls the control API. */
  control(method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE", path: string, body?: unknown): Promise<Answer> {
    return this.#call(
      method,
      `/control${path}`,
      { "Content-Type": "application/json" },
      body === undefined ? undefined : JSON.stringify(body),
    );
  }

  #initiator(shop: Merchant) {
    const { name, password } = this.#account.initiator;
    return {
      Initiator: name,
      SecurityCredential: securityCredential(password),
      ResultURL: shop.url("/result"),
      QueueTimeOutURL: shop.url("/timeout"),
      Remarks: "OK",
      Occasion: "",
    };
  }

  #password() {
    const timestamp = nairobiTimestamp(Date.now());
    const { shortcode, passkey } = this.#account;
    return { Password: Buffer.from(shortcode + passkey + timestamp).toString("base64"), Timestamp: timestamp };
  }

  async #call(method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> {
    const sent = body === undefined ? {} : { body };
    const answer = await request(this.#base + path, { method, dispatcher: this.#agent, headers, ...sent });
    const text = await answer.body.text();
    return { status: answer.statusCode, text, body: parse(text) };
  }
}

export const basic = (key: string, secret: string) => `Basic ${Buffer.from(`${key}:${secret}`).toString("base64")}`;

export function securityCredential(password: string): string {
  return publicEncrypt({ key: certificate, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(password)).toString("base64");
}

/** A simulator, a merchant and its server, ready to push. */
export async function scene(options: DarajaSimulatorOptions = {}) {
  const [daraja, shop] = await Promise.all([simulator(options), merchant()]);
  return { daraja, control: daraja.control, shop, caller: new Caller(daraja.url) };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A scene in which a phone has paid 1,500 shillings by a prompt. */
export async function paid(options: DarajaSimulatorOptions = {}, fields: PushFields = {}) {
  const all = await scene({ ...options, phoneDefaults: { rule: { action: "pay" }, ...options.phoneDefaults } });
  await all.caller.pushed(all.shop.callbackUrl, fields);
  await all.control.waitForIdle();
  const receipt = all.control.ledger[0]?.receipt;
  if (receipt === undefined) throw new Error("nobody paid");
  return { ...all, receipt };
}

const parameterSchema = z.object({ Key: z.string(), Value: z.union([z.string(), z.number()]).optional() });
/** A result as a careful merchant reads it; `values` are its parameters by Key. */
export const resultSchema = z.object({
  Result: z
    .looseObject({
      ResultCode: z.union([z.string(), z.number()]),
      ResultDesc: z.string(),
      ConversationID: z.string(),
      OriginatorConversationID: z.string(),
      ResultParameters: z.object({ ResultParameter: z.union([parameterSchema, z.array(parameterSchema)]) }).optional(),
    })
    .transform((result) => ({
      ...result,
      values: Object.fromEntries([result.ResultParameters?.ResultParameter ?? []].flat().map(({ Key, Value }) => [Key, Value])),
    })),
});
