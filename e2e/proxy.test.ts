// Runs deploy/nginx.conf in a real nginx, in front of a server that plays the service.
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { findProgram } from "./servers/find-program.ts";
import { freePort } from "./servers/free-port.ts";
import { nginx } from "./servers/programs.ts";
import { type ServerProcess, startServerProcess } from "./servers/server-process.ts";

const program = findProgram(nginx.names);

interface Seen {
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
}

let proxyPort: number;
let proxy: ServerProcess;
let folder: string;
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

/** The shipped file with this test's ports and folder. */
function testConfiguration(servicePort: number): string {
  const replacements: [string, string][] = [
    ["listen 80 default_server;", `listen 127.0.0.1:${proxyPort} default_server;`],
    ["http://service:3000", `http://127.0.0.1:${servicePort}`],
    ["/tmp/nginx.pid", join(folder, "pid")],
    ["/dev/stderr", "stderr"],
    ["/dev/stdout", join(folder, "access.log")],
    [
      "http {",
      `http {\n${["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((name) => `${name}_temp_path ${folder}/${name};`).join("\n")}`,
    ],
  ];
  return replacements.reduce(
    (text, [from, to]) => {
      if (!text.includes(from)) throw new Error(`deploy/nginx.conf no longer has "${from}"`);
      return text.replace(from, to);
    },
    readFileSync(join(import.meta.dirname, "../deploy/nginx.conf"), "utf8"),
  );
}

/** Requests a path exactly as written; fetch would normalise it. */
async function get(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage> {
  const outgoing = request({ host: "127.0.0.1", port: proxyPort, path, headers }).end();
  const [response]: IncomingMessage[] = await once(outgoing, "response");
  if (response === undefined) throw new Error("no response");
  return response;
}

async function nextChunk(response: IncomingMessage): Promise<string> {
  const [chunk]: unknown[] = await once(response, "data");
  return String(chunk);
}

describe.skipIf(program === undefined)("the proxy", () => {
  beforeAll(async () => {
    service.listen(0, "127.0.0.1");
    await once(service, "listening");
    const address = service.address();
    if (address === null || typeof address === "string" || program === undefined) throw new Error("no service");
    folder = mkdtempSync(join(tmpdir(), "somopay-nginx-"));
    // nginx's workers run as another user.
    chmodSync(folder, 0o755);
    proxyPort = await freePort();
    writeFileSync(join(folder, "nginx.conf"), testConfiguration(address.port));
    const args = ["-p", folder, "-c", join(folder, "nginx.conf"), "-g", "daemon off;"];
    proxy = await startServerProcess({ label: "nginx", program, args, ready: { port: proxyPort }, folder });
  });

  afterAll(async () => {
    await proxy.stop();
    service.closeAllConnections();
    service.close();
    rmSync(folder, { recursive: true, force: true });
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
    const logged = () => readFileSync(join(folder, "access.log"), "utf8");
    await expect.poll(() => logged()).toMatch(/GET \/callbacks\/stk 200[^]*GET \/api\/booking 200[^]*GET \/api\/mpesa 200/);
    expect(logged()).not.toContain("c0ffee");
  });
});
