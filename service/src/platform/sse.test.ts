import { once } from "node:events";
import { connect, type Socket } from "node:net";
import express, { type Express } from "express";
import { afterEach, describe, expect, it, test } from "vitest";
import { lastEventId, openSse, type SseStream } from "./sse.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

type Opened = { stream: SseStream; client: Socket; serverSocket: Socket; received: () => string };

/** The server's limit for silent connections. */
const SERVER_TIMEOUT_MS = 10_000;

/** A stream over a real socket whose client may stop reading. */
async function openStream(): Promise<Opened> {
  const app: Express = express();
  const { promise, resolve } = Promise.withResolvers<Pick<Opened, "stream" | "serverSocket">>();
  app.get("/", (request, response) => {
    response.set({
      "Content-Security-Policy": "default-src 'none'",
      "Access-Control-Allow-Origin": "*",
      "X-Content-Type-Options": "nosniff",
    });
    resolve({ stream: openSse(response), serverSocket: request.socket });
  });
  const server = app.listen(0, "127.0.0.1");
  server.setTimeout(SERVER_TIMEOUT_MS);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  const client = connect(address.port, "127.0.0.1");
  client.on("error", () => undefined);
  let text = "";
  client.on("data", (chunk) => void (text += chunk.toString()));
  client.write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  closing.push(() => {
    client.destroy();
    server.close();
    server.closeAllConnections();
  });
  return { ...(await promise), client, received: () => text };
}

const closed = (stream: SseStream) => new Promise<void>((resolve) => stream.onClose(resolve));

describe("an event stream", () => {
  it("starts at once, with headers for proxies and the reconnect delay", async () => {
    const { received } = await openStream();
    await expect.poll(received).toContain("retry: 2000\n\n");
    const head = received().toLowerCase();
    expect(head).toContain("content-type: text/event-stream");
    expect(head).toContain("cache-control: no-store, no-transform");
    expect(head).toContain("x-accel-buffering: no");
  });

  it("keeps no headers that are about documents", async () => {
    const { received } = await openStream();
    await expect.poll(received).toContain("retry: 2000\n\n");
    expect(received()).toContain("Access-Control-Allow-Origin: *");
    expect(received()).toContain("X-Content-Type-Options: nosniff");
    expect(received()).not.toContain("Content-Security-Policy");
  });

  it("is exempt from the server's limit for silent connections", async () => {
    const { serverSocket } = await openStream();
    expect(serverSocket.timeout).toBe(0);
  });

  it("turns Nagle's algorithm off", () => {
    const delays: boolean[] = [];
    const socket = { setNoDelay: (noDelay: boolean) => void delays.push(noDelay), setTimeout: () => undefined };
    const none = () => undefined;
    openSse({
      status: none,
      set: none,
      getHeaderNames: () => [],
      removeHeader: none,
      write: none,
      end: none,
      destroy: none,
      on: none,
      destroyed: false,
      writableLength: 0,
      socket,
    });
    expect(delays).toEqual([true]);
  });

  it("carries unnamed events with ids, and comments", async () => {
    const { stream, received } = await openStream();
    stream.send(3, '{"a":"😀"}');
    stream.comment();
    await expect.poll(received).toContain('id: 3\ndata: {"a":"😀"}\n\n');
    await expect.poll(received).toContain("\n:\n\n");
  });

  it("ends once, with the reconnect delay", async () => {
    const { stream, client, received } = await openStream();
    stream.end(1_234.5);
    stream.end(1);
    stream.send(4, "late");
    stream.comment();
    await closed(stream);
    await expect.poll(received).toContain("retry: 1235\n\n");
    expect(received()).not.toContain("late");
    expect(received()).not.toContain("retry: 1\n");
    expect(stream.closed).toBe(true);
    client.destroy();
  });

  it("notifies every close listener when the client is gone, also those added later", async () => {
    const { stream, client } = await openStream();
    const gone = closed(stream);
    client.destroy();
    await gone;
    expect(stream.closed).toBe(true);
    let told = 0;
    stream.onClose(() => void (told += 1));
    expect(told).toBe(1);
    expect(() => stream.send(1, "to nobody")).not.toThrow();
  });

  it("disconnects a client that does not read, instead of buffering without limit", async () => {
    const { stream, client } = await openStream();
    client.pause();
    const gone = closed(stream);
    const event = "x".repeat(32 * 1024);
    let sent = 0;
    // The kernel buffers some megabytes; what then accumulates in the process is bounded.
    while (!stream.closed && sent < 2_000) {
      stream.send((sent += 1), event);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await gone;
    expect(sent).toBeLessThan(2_000);
  });
});

describe("the Last-Event-ID header", () => {
  const app = express();
  const seen = (header?: string): number | null => {
    const request = Object.create(app.request, { headers: { value: header === undefined ? {} : { "last-event-id": header } } });
    return lastEventId(request);
  };
  test.each([
    [undefined, null],
    ["", null],
    ["7", 7],
    [" 7 ", 7],
    ["x", null],
    ["99999999999999999999", null],
  ])("%j is %s", (header, id) => {
    expect(seen(header)).toBe(id);
  });
});
