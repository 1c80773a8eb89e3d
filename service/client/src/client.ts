import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type {
  Assignment,
  AssignMoney,
  AttentionItem,
  BookingView,
  Calendar,
  Callback,
  CancelBooking,
  ChangeWebhookEndpoint,
  CreateBooking,
  CreateRefund,
  CreateWebhookEndpoint,
  DismissCallback,
  GetCalendarQuery,
  KeepMoney,
  ListAttentionQuery,
  ListBookingsQuery,
  ListCallbacksQuery,
  ListPaymentsQuery,
  ListRefundsQuery,
  ListSessionTypesQuery,
  ListUnassignedMoneyQuery,
  ListWebhookDeliveriesQuery,
  MoveBooking,
  Overview,
  OwnerBooking,
  Payment,
  PaymentWithRefunds,
  RedeliverWebhooks,
  Refund,
  ResendReceipt,
  SearchAnswer,
  SessionType,
  SessionTypeChange,
  SettlePayment,
  Site,
  Timeline,
  UnassignedMoney,
  WebhookDelivery,
  WebhookDeliveryWithPayload,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from "./contract.generated.ts";
import { SomoPayError } from "./errors.ts";
import { exchange, type Call, type Exchange } from "./exchange.ts";
import { createList, type List } from "./list.ts";

export type ClientOptions = {
  /** Where SomoPay runs: `https://pay.example.com`. */
  url: string;
  /** `sk_…`, from your server's settings; never in a page. `rk_…` can only read. */
  secretKey: string;
  /** How long one try may take. Default: 15,000. */
  timeoutMs?: number;
  /** How often a call is tried again when the network fails or SomoPay is busy. Default: 3. */
  maxRetries?: number;
  /** Default: Node's own. */
  fetch?: typeof globalThis.fetch;
};

export type ReadOptions = { signal?: AbortSignal };

export type WriteOptions = ReadOptions & {
  /**
   * Give one that you store with your own record, such as your order's number: then the call is done once even if your process dies and tries again.
   * Default: a random one, which covers the retries of this call.
   */
  idempotencyKey?: string;
};

/** The calls of an owner's server. All of them throw `ApiError` when SomoPay refuses, and `ConnectionError` when no answer comes. */
export type Client = {
  bookings: {
    /** From the price list (`sessionType`), or with a price of your own (`amount`, `description`). */
    create(booking: CreateBooking, options?: WriteOptions): Promise<BookingView>;
    get(bookingId: string, options?: ReadOptions): Promise<OwnerBooking>;
    /** Those made last first. */
    list(query?: ListBookingsQuery, options?: ReadOptions): List<OwnerBooking>;
    move(bookingId: string, move: MoveBooking, options?: WriteOptions): Promise<BookingView>;
    /** Its money stays on the list of what needs attention until it is given back. */
    cancel(bookingId: string, why: CancelBooking, options?: WriteOptions): Promise<BookingView>;
    /** What happened to it, in words, and what is possible now. */
    timeline(bookingId: string, options?: ReadOptions): Promise<Timeline>;
    /** By the day of the session; at most 62 days and 1,000 bookings: go on from `next`. */
    calendar(days: GetCalendarQuery, options?: ReadOptions): Promise<Calendar>;
    /** Sends the receipt to the parent's address once more. */
    resendReceipt(bookingId: string, receipt?: ResendReceipt, options?: WriteOptions): Promise<{ to: string }>;
  };
  payments: {
    get(paymentId: string, options?: ReadOptions): Promise<PaymentWithRefunds>;
    /** Newest first. `surplus: true`: of which the booking did not need all. */
    list(query?: Omit<ListPaymentsQuery, "surplus"> & { surplus?: boolean }, options?: ReadOptions): List<Payment>;
    /** Asks Safaricom to give the whole payment back. It is `refunded` once Safaricom confirms it: read the payment, or wait for the webhook. */
    refund(paymentId: string, refund?: CreateRefund, options?: WriteOptions): Promise<Refund>;
    refunds(paymentId: string, query?: ListRefundsQuery, options?: ReadOptions): List<Refund>;
    /** Decides what Safaricom does not tell. */
    settle(paymentId: string, outcome: SettlePayment, options?: WriteOptions): Promise<Payment>;
    /** What happened to it, in words, and what is possible now. */
    timeline(paymentId: string, options?: ReadOptions): Promise<Timeline>;
  };
  /** Today's money and lessons, and the figures of the last 30 days. */
  overview(options?: ReadOptions): Promise<Overview>;
  /** Finds bookings and money by a receipt, a reference, a phone number or its end, a name, or the M-Pesa SMS as it is. */
  search(text: string, options?: ReadOptions): Promise<SearchAnswer>;
  /** The site that the key is of. */
  site(options?: ReadOptions): Promise<Site>;
  /** Money that came without a booking. */
  unassignedMoney: {
    list(query?: ListUnassignedMoneyQuery, options?: ReadOptions): List<UnassignedMoney>;
    assign(receipt: string, assign: AssignMoney, options?: WriteOptions): Promise<Assignment>;
    keep(receipt: string, why: KeepMoney, options?: WriteOptions): Promise<UnassignedMoney>;
  };
  /** What waits for a person's decision. */
  attention: { list(query?: ListAttentionQuery, options?: ReadOptions): List<AttentionItem> };
  /** Safaricom's callbacks that led to nothing. */
  callbacks: {
    list(query?: ListCallbacksQuery, options?: ReadOptions): List<Callback>;
    replay(callbackId: string, options?: WriteOptions): Promise<void>;
    dismiss(callbackId: string, why: DismissCallback, options?: WriteOptions): Promise<void>;
  };
  /** The price list. */
  sessionTypes: {
    list(query?: ListSessionTypesQuery, options?: ReadOptions): List<SessionType>;
    /** Changes the type with this code, or adds it at the end. */
    put(code: string, type: SessionTypeChange, options?: WriteOptions): Promise<SessionType>;
    remove(code: string, options?: WriteOptions): Promise<void>;
  };
  /** Where SomoPay sends its webhooks. `verifyWebhook` checks what arrives there. */
  webhookEndpoints: {
    /** The answer has the `secret`, which no later answer shows. */
    create(endpoint: CreateWebhookEndpoint, options?: WriteOptions): Promise<WebhookEndpointWithSecret>;
    get(endpointId: string, options?: ReadOptions): Promise<WebhookEndpoint>;
    /** All of them, oldest first. */
    list(options?: ReadOptions): Promise<WebhookEndpoint[]>;
    /** Another address or other types, disabled or enabled again: then it gets what has happened meanwhile. */
    change(endpointId: string, change: ChangeWebhookEndpoint, options?: WriteOptions): Promise<WebhookEndpoint>;
    /** With everything that waits for it. */
    remove(endpointId: string, options?: WriteOptions): Promise<void>;
    /** A new secret. For a day, messages are signed with the old one too. */
    rotateSecret(endpointId: string, options?: WriteOptions): Promise<WebhookEndpointWithSecret>;
    /** Sends a message of the type `webhook.test`. What became of it: `webhookDeliveries.get` of the answer's `id`. */
    test(endpointId: string, options?: WriteOptions): Promise<WebhookDeliveryWithPayload>;
    /** Sends the messages of a time again, in order for each booking: after your server was away. */
    redeliver(endpointId: string, window: RedeliverWebhooks, options?: WriteOptions): Promise<{ redelivered: number }>;
    /** What was sent to this endpoint, newest first. */
    deliveries(endpointId: string, query?: ListWebhookDeliveriesQuery, options?: ReadOptions): List<WebhookDelivery>;
  };
  /** What was sent to all endpoints, what waits, and what came of it. */
  webhookDeliveries: {
    /** Newest first. */
    list(query?: ListWebhookDeliveriesQuery, options?: ReadOptions): List<WebhookDelivery>;
    /** With the message as it is sent. */
    get(deliveryId: string, options?: ReadOptions): Promise<WebhookDeliveryWithPayload>;
    /** Sends it again at once, whatever became of it. */
    redeliver(deliveryId: string, options?: WriteOptions): Promise<WebhookDeliveryWithPayload>;
  };
};

const TIMEOUT_MS = 15_000;
const MAX_RETRIES = 3;

/** @throws SomoPayError if the address or the key cannot be right */
export function createClient(options: ClientOptions): Client {
  const caller = createCaller(options);
  const { read, list, write } = caller;
  const v1 = "/api/v1";
  const booking = (id: string): string => `${v1}/bookings/${encodeURIComponent(id)}`;
  const payment = (id: string): string => `${v1}/payments/${encodeURIComponent(id)}`;
  const money = (receipt: string): string => `${v1}/unassigned-money/${encodeURIComponent(receipt)}`;
  const callback = (id: string): string => `${v1}/callbacks/${encodeURIComponent(id)}`;
  const endpoint = (id: string): string => `${v1}/webhook-endpoints/${encodeURIComponent(id)}`;
  const delivery = (id: string): string => `${v1}/webhook-deliveries/${encodeURIComponent(id)}`;
  const sessionType = (code: string): string => `${v1}/session-types/${encodeURIComponent(code)}`;
  return {
    bookings: {
      create: (body, own) => write("POST", `${v1}/bookings`, body, own),
      get: (id, own) => read(booking(id), own),
      list: (query, own) => list(`${v1}/bookings`, query, own),
      move: (id, body, own) => write("POST", `${booking(id)}/move`, body, own),
      cancel: (id, body, own) => write("POST", `${booking(id)}/cancel`, body, own),
      timeline: (id, own) => read(`${booking(id)}/timeline`, own),
      calendar: (days, own) => read(`${v1}/calendar${toSearch(days)}`, own),
      resendReceipt: (id, body = {}, own = {}) => write("POST", `${booking(id)}/resend-receipt`, body, own),
    },
    payments: {
      get: (id, own) => read(payment(id), own),
      list: (query, own) => list(`${v1}/payments`, query, own),
      refund: (id, body = {}, own = {}) => write("POST", `${payment(id)}/refunds`, body, own),
      refunds: (id, query, own) => list(`${payment(id)}/refunds`, query, own),
      settle: (id, body, own) => write("POST", `${payment(id)}/settle`, body, own),
      timeline: (id, own) => read(`${payment(id)}/timeline`, own),
    },
    overview: (own) => read(`${v1}/overview`, own),
    search: (text, own) => read(`${v1}/search${toSearch({ q: text })}`, own),
    site: (own) => read(`${v1}/site`, own),
    unassignedMoney: {
      list: (query, own) => list(`${v1}/unassigned-money`, query, own),
      assign: (receipt, body, own) => write("POST", `${money(receipt)}/assign`, body, own),
      keep: (receipt, body, own) => write("POST", `${money(receipt)}/keep`, body, own),
    },
    attention: { list: (query, own) => list(`${v1}/attention`, query, own) },
    callbacks: {
      list: (query, own) => list(`${v1}/callbacks`, query, own),
      replay: async (id, own) => void (await write("POST", `${callback(id)}/replay`, undefined, own)),
      dismiss: async (id, body, own) => void (await write("POST", `${callback(id)}/dismiss`, body, own)),
    },
    sessionTypes: {
      list: (query, own) => list(`${v1}/session-types`, query, own),
      put: (code, body, own) => write("PUT", sessionType(code), body, own),
      remove: async (code, own) => void (await write("DELETE", sessionType(code), undefined, own)),
    },
    webhookEndpoints: {
      create: (body, own) => write("POST", `${v1}/webhook-endpoints`, body, own),
      get: (id, own) => read(endpoint(id), own),
      list: async (own) => (await read<{ data: WebhookEndpoint[] }>(`${v1}/webhook-endpoints`, own)).data,
      change: (id, body, own) => write("PATCH", endpoint(id), body, own),
      remove: async (id, own) => void (await write("DELETE", endpoint(id), undefined, own)),
      rotateSecret: (id, own) => write("POST", `${endpoint(id)}/rotate-secret`, undefined, own),
      test: (id, own) => write("POST", `${endpoint(id)}/test`, undefined, own),
      redeliver: (id, body, own) => write("POST", `${endpoint(id)}/redeliver`, body, own),
      deliveries: (id, query, own) => list(`${endpoint(id)}/deliveries`, query, own),
    },
    webhookDeliveries: {
      list: (query, own) => list(`${v1}/webhook-deliveries`, query, own),
      get: (id, own) => read(delivery(id), own),
      redeliver: (id, own) => write("POST", `${delivery(id)}/redeliver`, undefined, own),
    },
  };
}

type Query = { [name: string]: string | number | boolean | undefined };

function createCaller({ url, secretKey, timeoutMs = TIMEOUT_MS, maxRetries = MAX_RETRIES, fetch = globalThis.fetch }: ClientOptions) {
  if (!/^https?:\/\/[^/?#@]+$/.test(url.replace(/\/+$/, "")))
    throw new SomoPayError("url must be SomoPay's address, without a path: https://pay.example.com");
  if (!/^[sr]k_\w+$/.test(secretKey)) throw new SomoPayError("secretKey must be a secret key: sk_… or rk_…");
  const settings: Exchange = {
    url: url.replace(/\/+$/, ""),
    secretKey,
    fetch,
    timeoutMs,
    maxRetries,
    random: Math.random,
    async wait(ms, signal) {
      // Rejects when the signal aborts; the caller gets the signal's own reason.
      await delay(ms, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    },
  };
  /** The contract says what each route answers, and the tests call the real service: this is the one place that takes its word. */
  const call = async <Answer>(what: Call): Promise<Answer> => (await exchange(settings, what)) as Answer;
  const read = <Answer>(path: string, { signal }: ReadOptions = {}): Promise<Answer> =>
    call({ method: "GET", path, idempotencyKey: null, signal });
  return {
    read,
    list: <Item>(path: string, query: Query = {}, options?: ReadOptions): List<Item> =>
      createList((after) => read(path + toSearch({ ...query, after }), options)),
    write: <Answer>(
      method: Call["method"],
      path: string,
      body: object | undefined,
      { idempotencyKey, signal }: WriteOptions = {},
    ): Promise<Answer> => call({ method, path, body, idempotencyKey: idempotencyKey ?? randomUUID(), signal }),
  };
}

function toSearch(query: Query): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}
