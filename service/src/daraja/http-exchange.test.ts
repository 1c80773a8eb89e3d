import { once } from "node:events";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { CONNECTIONS_MAX, createExchanger } from "./http-exchange.ts";
import type { Exchanger } from "./http-exchange.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function exchanger(): Exchanger {
  const http = createExchanger(1_000);
  cleanUps.push(() => http.close());
  return http;
}

/** A raw server, because the cases break HTTP itself. */
async function rawServer(onSocket: (socket: Socket) => void): Promise<{ url: URL; server: Server; received: () => string }> {
  let received = "";
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => (received += chunk.toString()));
    onSocket(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => server.close());
  return { url: new URL(`http://127.0.0.1:${portOf(server)}/push`), server, received: () => received };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

const post = (http: Exchanger, url: URL, timeoutMs = 5_000) =>
  http.exchange({ method: "POST", url, headers: { "content-type": "application/json" }, body: "{}", timeoutMs });

const onRequest = (reply: (socket: Socket) => void) => (socket: Socket) => void socket.once("data", () => reply(socket));

describe("unsent: the server cannot have received anything", () => {
  test("connection refused", async () => {
    const { url, server } = await rawServer(() => undefined);
    server.close();
    await once(server, "close");
    expect(await post(exchanger(), url)).toEqual({ kind: "unsent", code: "ECONNREFUSED" });
  });

  test("unknown host", async () => {
    const end = await post(exchanger(), new URL("http://daraja.invalid/push"));
    expect(end.kind).toBe("unsent");
    expect(["ENOTFOUND", "EAI_AGAIN"]).toContain(end.kind === "unsent" && end.code);
  });

  test("a TLS handshake that fails", async () => {
    const { url } = await rawServer((socket) => socket.once("data", () => socket.end("not TLS")));
    expect(await post(exchanger(), new URL(url.href.replace("http:", "https:")))).toMatchObject({ kind: "unsent" });
  });

  test("a TLS handshake that hangs until the deadline: nothing is sent afterwards either", async () => {
    const { url, received } = await rawServer(() => undefined);
    const http = exchanger();
    expect(await post(http, new URL(url.href.replace("http:", "https:")), 100)).toEqual({ kind: "unsent", code: "deadline" });
    await http.close();
    expect(received()).not.toContain("POST");
  });

  test("a timeout while waiting for a free connection: it is not sent when one becomes free", async () => {
    const sockets: Socket[] = [];
    const { url, received } = await rawServer((socket) => sockets.push(socket));
    const http = exchanger();
    const holders = Array.from({ length: CONNECTIONS_MAX }, () => post(http, url));
    const late = http.exchange({ method: "POST", url: new URL("/late", url), headers: {}, body: "{}", timeoutMs: 300 });
    expect(await late).toEqual({ kind: "unsent", code: "deadline" });
    for (const socket of sockets) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    for (const holder of holders) expect(await holder).toMatchObject({ kind: "reply" });
    // A further exchange goes through the same queue, behind the one that timed out.
    const further = post(http, url);
    await expect.poll(() => sockets.length).toBeGreaterThan(CONNECTIONS_MAX);
    for (const socket of sockets.slice(CONNECTIONS_MAX))
      if (!socket.destroyed) socket.end("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    await further;
    expect(received()).not.toContain("/late");
  });
});

describe("lost: the server may have received something", () => {
  const cases: [string, (socket: Socket) => void][] = [
    ["a reset after the request", (socket) => socket.resetAndDestroy()],
    ["an end without a reply", (socket) => socket.end()],
    ["half a header", (socket) => socket.end("HTTP/1.1 200 OK\r\nConte")],
    ["half a body", (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"CheckoutRequestID"')],
    ["a chunk that never ends", (socket) => socket.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{")],
    ["no HTTP", (socket) => socket.end("hello\r\n\r\n")],
    ["a body of more than 64 kB", (socket) => socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n${"x".repeat(70_000)}`)],
  ];
  test.each(cases)("%s: it is not sent a second time", async (_case, reply) => {
    const { url, received } = await rawServer(onRequest(reply));
    const http = exchanger();
    expect(await post(http, url, 1_000)).toMatchObject({ kind: "lost" });
    await http.close();
    expect(received().match(/POST/g)).toHaveLength(1);
  });

  test("no reply before the deadline", async () => {
    const { url } = await rawServer(() => undefined);
    expect(await post(exchanger(), url, 200)).toEqual({ kind: "lost", code: "deadline" });
  });

  test("a reply that starts and stops", async () => {
    const { url } = await rawServer(onRequest((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{")));
    expect(await post(exchanger(), url, 200)).toEqual({ kind: "lost", code: "deadline" });
  });

  test("closing ends running exchanges", async () => {
    let onReceived = (): void => undefined;
    const received = new Promise<void>((resolve) => (onReceived = resolve));
    const { url } = await rawServer(onRequest(() => onReceived()));
    const http = exchanger();
    const pending = post(http, url);
    await received;
    await http.close();
    expect(await pending).toMatchObject({ kind: "lost" });
    expect(await post(http, url)).toMatchObject({ kind: "unsent" });
  });
});

test("complete replies, each over its own connection", async () => {
  let connections = 0;
  const { url, received } = await rawServer((socket) => {
    connections += 1;
    socket.on("data", () => socket.write("HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n\u20ac!"));
  });
  const http = exchanger();
  for (let round = 0; round < 5; round += 1) expect(await post(http, url)).toEqual({ kind: "reply", status: 201, text: "\u20ac!" });
  expect(connections).toBe(5);
  expect(received()).toContain("connection: close");
});
