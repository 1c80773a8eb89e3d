// Runs deploy/nginx.conf in a real nginx, in front of a server that plays the service.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { book, call, newPhone, pay } from "./factories/calls.ts";
import { callbackBody, post } from "./factories/callbacks.ts";
import { ownCertificates } from "./factories/certificates.ts";
import { folderForTest, somopay } from "./factories/command.ts";
import { environmentOf } from "./factories/operator.ts";
import { startPaying } from "./factories/paying.ts";
import { callbacksRead } from "./factories/records.ts";
import { stackForTest, type Stack } from "./fixtures.ts";
import { nginxProgram, startShippedProxy, type ShippedProxy } from "./servers/nginx.ts";

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

let proxy: ShippedProxy;
let seen: Seen[];
let streams: ServerResponse[];

const service = createServer((incoming, response) => {
  seen.push({ url: incoming.url ?? "", headers: incoming.headers });
  if (!incoming.url?.startsWith("/api/payment-status/")) return response.end("from the service");
  // Sends plain bytes without chunks: nginx passes whole chunks on even when it buffers, which would hide a wrong setting.
  response.removeHeader("Transfer-Encoding");
  response.writeHead(200, { "Content-Type": "text/event-stream" });
  response.write("data: first\n\n");
  return streams.push(response);
});

/** Asks for a path exactly as it is written: fetch would tidy it up first. */
async function get(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const outgoing = request({ host: "127.0.0.1", port: proxy.port, path, headers }).end();
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (response === undefined) throw new Error("no response");
  return response;
}

async function nextChunk(response: IncomingMessage): Promise<string> {
  const [chunk]: unknown[] = await once(response, "data");
  return String(chunk);
}

describe.skipIf(nginxProgram === undefined)("the proxy", () => {
  beforeAll(async () => {
    service.listen(0, "127.0.0.1");
    await once(service, "listening");
    const address = service.address();
    if (address === null || typeof address === "string") throw new Error("no service");
    proxy = await startShippedProxy(address.port);
  });

  afterAll(async () => {
    await proxy.stop();
    service.closeAllConnections();
    service.close();
  });

  beforeEach(() => {
    seen = [];
    streams = [];
  });

  test("passes each event on at once", async () => {
    const response = await get("/api/payment-status/bk_1");
    expect(await nextChunk(response)).toBe("data: first\n\n");
    // The second event is sent only now. A proxy that buffers would not have passed the first one on.
    const second = nextChunk(response);
    streams[0]?.write("data: second\n\n");
    expect(await second).toBe("data: second\n\n");
    response.destroy();
  });

  test("closes the service's stream when the browser has gone", async () => {
    const response = await get("/api/payment-status/bk_2");
    await nextChunk(response);
    const stream = streams[0];
    if (stream === undefined) throw new Error("no stream");
    const closed = once(stream, "close");
    response.destroy();
    await closed;
    expect(stream.writableFinished).toBe(false);
  });

  test.each(["/metrics", "/metrics/", "/METRICS", "/%6detrics", "//metrics", "/api/../metrics", "/metrics?x=1"])(
    "does not show the operator's numbers at %s",
    async (path) => {
      expect((await get(path)).statusCode).toBe(404);
      expect(seen).toEqual([]);
    },
  );

  test("tells the service the caller's address and the requested host", async () => {
    await get("/livez", { Host: "pay.example.com", "X-Forwarded-Proto": "https" });
    expect(seen[0]?.headers).toMatchObject({
      host: "pay.example.com",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "https",
    });
  });

  test("keeps secrets in addresses out of its log", async () => {
    await get("/callbacks/stk/c0ffee?token=c0ffee");
    await get("/api/booking/c0ffee");
    await get("/api/mpesa/callback/c0ffee");
    await expect.poll(() => proxy.accessLog()).toMatch(/GET \/callbacks\/stk 200[^]*GET \/api\/booking 200[^]*GET \/api\/mpesa 200/);
    expect(proxy.accessLog()).not.toContain("c0ffee");
  });
});

/** What docker-compose.yml sets for the service by default. */
const composeDefault = (name: string): string =>
  new RegExp(`^ *${name}: \\$\\{${name}:-(.*)\\}$`, "m").exec(
    readFileSync(join(import.meta.dirname, "../docker-compose.yml"), "utf8"),
  )?.[1] ?? `docker-compose.yml has no ${name}`;

const SECRETS_KEY = "ab".repeat(32);
const SAFARICOM = "196.201.214.200";
const PARENT = "198.51.100.7";

describe.skipIf(nginxProgram === undefined)("the shipped deployment with TLS in front", () => {
  /** The service behind nginx, as in docker-compose.yml, and the address of a proxy in front of it that ends TLS. */
  async function deployed(environment: Record<string, string> = {}) {
    const stack = await stackForTest({ environment: { TRUST_PROXY: composeDefault("TRUST_PROXY"), SECRETS_KEY, ...environment } });
    const shipped = await startShippedProxy(Number(new URL(stack.service.url).port));
    onTestFinished(() => shipped.stop());
    const nginxUrl = `http://127.0.0.1:${shipped.port}`;
    return { stack, nginxUrl, tls: await endTls(shipped.port) };
  }

  /** Ends TLS with a certificate of an own CA, and adds the caller's address, as Caddy, nginx and load balancers do. */
  async function endTls(port: number) {
    const { caFile, certificateFile, keyFile } = ownCertificates(folderForTest());
    const server = createTlsServer({ cert: readFileSync(certificateFile), key: readFileSync(keyFile) }, (incoming, outgoing) => {
      const { "x-forwarded-for": claimed, ...headers } = incoming.headers;
      const chain = [claimed, incoming.socket.remoteAddress?.replace("::ffff:", "")].filter((part) => part !== undefined).join(", ");
      const onward = request(
        { port, host: "127.0.0.1", path: incoming.url, method: incoming.method, headers: { ...headers, "X-Forwarded-For": chain } },
        (answer) => answer.pipe(outgoing.writeHead(answer.statusCode ?? 502, answer.headers)),
      );
      incoming.pipe(onward);
    });
    server.listen(0, "127.0.0.1");
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no port");
    return { url: `https://127.0.0.1:${address.port}`, caFile };
  }

  /** As that proxy passes on the call of somebody far away. */
  const from = (address: string) => ({ "X-Forwarded-For": address });

  test("a callback from Safaricom's address counts, also if its address is required; one from elsewhere does not", async () => {
    const { stack, nginxUrl } = await deployed({ MPESA_CALLBACK_IPS: "safaricom" });
    const addressOf = (callbackUrl: string): string => nginxUrl + new URL(callbackUrl).pathname;
    const { prompt, stream } = await startPaying(stack);
    await post(addressOf(prompt.callbackUrl), callbackBody(prompt, { code: 1032 }), from(PARENT));
    // Somebody who claims to be Safaricom: what the proxy added behind it counts.
    await post(addressOf(prompt.callbackUrl), callbackBody(prompt, { code: 1032 }), from(`${SAFARICOM}, ${PARENT}`));
    for (const { verdict } of await callbacksRead(stack, 2)) expect(verdict).toBe("unverified");
    await post(addressOf(prompt.callbackUrl), callbackBody(prompt, { code: 1032 }), from(SAFARICOM));
    await stream.untilStatus("failed");
  });

  test("parents have a limit each", async () => {
    const { nginxUrl } = await deployed({ LIMIT_ADDRESS: "1/600" });
    const start = async (address: string): Promise<number> => {
      const { bookingId } = await book(nginxUrl);
      return (await pay(nginxUrl, bookingId, newPhone(), from(address))).status;
    };
    expect(await start(PARENT)).toBe(200);
    expect(await start(PARENT)).toBe(429);
    expect(await start(`192.0.2.99, ${PARENT}`)).toBe(429);
    expect(await start("198.51.100.8")).toBe(200);
  });

  const doctor = async (stack: Stack, url: string, caFile: string, environment: Record<string, string>) => {
    const settings = { ...environmentOf(stack), SECRETS_KEY, PUBLIC_URL: url, NODE_EXTRA_CA_CERTS: caFile, ...environment };
    const { stdout } = await somopay(["doctor"], { environment: settings });
    return stdout.split("\n").find((line) => line.includes("caller's address")) ?? stdout;
  };

  test.each([
    ["1", /^FAIL .*takes 127\.0\.0\.1, a proxy, for the caller .*Set TRUST_PROXY=2$/],
    ["2", /^ok .*: 127\.0\.0\.1, through 2 proxies; TRUST_PROXY is right$/],
    ["3", /^FAIL .*trusts whatever address a caller claims.*: set TRUST_PROXY=2$/],
    [composeDefault("TRUST_PROXY"), /^ok .*not checked from here: the doctor's own address, 127\.0\.0\.1, .*through 2 proxies$/],
  ])("the doctor calls the service through TLS, and says what it saw with TRUST_PROXY=%s", async (trusted, line) => {
    const { stack, tls } = await deployed({ TRUST_PROXY: trusted });
    expect(await doctor(stack, tls.url, tls.caFile, { TRUST_PROXY: trusted })).toMatch(line);
  });

  test("the doctor of another deployment is not answered, and neither is a stranger", async () => {
    const { stack, nginxUrl, tls } = await deployed();
    expect(await doctor(stack, tls.url, tls.caFile, { SECRETS_KEY: "cd".repeat(32) })).toMatch(/^FAIL .*did not answer the doctor/);
    const [asked, unknown] = [await call(nginxUrl, "/caller-address"), await call(nginxUrl, "/nothing-here")];
    expect({ ...asked, headers: {} }).toEqual({ ...unknown, headers: {} });
  });
});
