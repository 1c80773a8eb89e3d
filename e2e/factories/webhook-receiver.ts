/** An owner's server that receives webhooks, and answers as the test wants. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { Webhook } from "standardwebhooks";
import { z } from "zod";
import { bookingMessageSchema, type BookingMessage } from "../../service/src/webhooks/webhook-contract.ts";
import { freePort } from "../servers/free-port.ts";

export type Received = { id: string; headers: Record<string, string>; body: string; atMs: number };

/** What a receiver does with a message. `hang`: it never answers. `die`: it closes the connection. */
export type Behaviour = "hang" | "die" | { status: number; body?: string; headers?: Record<string, string> };

export type WebhookReceiver = {
  url: string;
  /** `host:port`, for WEBHOOK_ALLOW_HOSTS. */
  host: string;
  /** Everything that came, repetitions too. */
  received: Received[];
  /** The ids that were answered 2xx, each once, in the order of their first success. */
  accepted: Received[];
  behave: (received: Received) => Behaviour;
  stop(): Promise<void>;
};

const OK = { status: 204 };
const headersSchema = z.record(z.string(), z.string());

/** Listens on the loopback address. The caller must stop it. */
export async function startReceiver(options: { port?: number } = {}): Promise<WebhookReceiver> {
  const port = options.port ?? (await freePort());
  const receiver: WebhookReceiver = {
    url: `http://127.0.0.1:${port}/webhooks`,
    host: `127.0.0.1:${port}`,
    received: [],
    accepted: [],
    behave: () => OK,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
  const server = createServer((request, response) => void receive(receiver, request, response));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return receiver;
}

async function receive(receiver: WebhookReceiver, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request).catch(() => null);
  if (body === null) return;
  const headers = headersSchema.parse(request.headers);
  const received = { id: headers["webhook-id"] ?? "", headers, body, atMs: Date.now() };
  receiver.received.push(received);
  const behaviour = receiver.behave(received);
  if (behaviour === "hang") return;
  if (behaviour === "die") {
    request.socket.destroy();
    return;
  }
  const isAccepted = behaviour.status >= 200 && behaviour.status < 300;
  if (isAccepted && !receiver.accepted.some(({ id }) => id === received.id)) receiver.accepted.push(received);
  response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body);
}

/** With the official package. @throws if the signature is not one of this secret's */
export function verify({ headers, body }: Received, secret: string): BookingMessage {
  return bookingMessageSchema.parse(new Webhook(secret).verify(body, headers));
}

/** The types of the messages about a booking. */
export function typesOf(received: readonly Received[], bookingId: string): string[] {
  return received.flatMap(({ body }) => {
    const message = bookingMessageSchema.parse(JSON.parse(body));
    return message.data.booking.bookingId === bookingId ? [message.type] : [];
  });
}
