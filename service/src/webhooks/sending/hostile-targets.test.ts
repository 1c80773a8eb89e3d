import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { createServer, type AddressInfo, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import type { Dial } from "./guarded-connector.ts";
import { createWebhookClient, type PostResult } from "./post-webhook.ts";
import { isPublicAddress } from "./public-address.ts";
import { parseAllowedHost, problemWithUrl } from "./webhook-url.ts";

const NONE = new Set<string>();
const PUBLIC = "93.184.215.14";
const ALSO_PUBLIC = "2606:2800:21f:cb07:6820:80da:af6b:8b2c";

/** Literals in every spelling that a URL may have. PORT is where the trap listens. */
const LITERALS = [
  "https://127.0.0.1:PORT/",
  "https://127.1:PORT/",
  "https://127.0.1:PORT/",
  "https://2130706433:PORT/",
  "https://0x7f000001:PORT/",
  "https://0x7f.1:PORT/",
  "https://0177.0.0.1:PORT/",
  "https://017700000001:PORT/",
  "https://0x7f.0x0.0x0.0x1:PORT/",
  "https://127.0.0.1.:PORT/",
  "https://127.255.255.254:PORT/",
  "https://0:PORT/",
  "https://0.0.0.0:PORT/",
  "https://１２７.0.0.1:PORT/",
  "https://127。0。0。1:PORT/",
  "https://%31%32%37.0.0.1:PORT/",
  "https://[::1]:PORT/",
  "https://[0:0:0:0:0:0:0:1]:PORT/",
  "https://[::]:PORT/",
  "https://[::ffff:127.0.0.1]:PORT/",
  "https://[::ffff:7f00:1]:PORT/",
  "https://[::127.0.0.1]:PORT/",
  "https://[64:ff9b::127.0.0.1]:PORT/",
  "https://[64:ff9b:1::7f00:1]:PORT/",
  "https://[2002:7f00:1::]:PORT/",
  "https://[2001:0:7f00:1::1]:PORT/",
  "https://[fe80::1]:PORT/",
  "https://[fc00::1]:PORT/",
  "https://[fd00:ec2::254]:PORT/",
  "https://[fec0::1]:PORT/",
  "https://[ff02::1]:PORT/",
  "https://[100::1]:PORT/",
  "https://[2001:db8::1]:PORT/",
  "https://10.0.0.1:PORT/",
  "https://172.16.0.1:PORT/",
  "https://192.168.1.1:PORT/",
  "https://169.254.169.254:PORT/latest/meta-data/",
  "https://100.64.0.1:PORT/",
  "https://192.0.0.192:PORT/",
  "https://198.18.0.1:PORT/",
  "https://203.0.113.5:PORT/",
  "https://224.0.0.1:PORT/",
  "https://240.0.0.1:PORT/",
  "https://255.255.255.255:PORT/",
];

/** Not an address of the internet, not https, or a name that cannot be one's own. */
const OTHERS = [
  "http://www.example.com/",
  "http://127.0.0.1:PORT/",
  "ftp://www.example.com/",
  "file:///etc/passwd",
  "gopher://www.example.com/",
  "data:text/plain,hello",
  "https://user:word@www.example.com/",
  "https://user@www.example.com/",
  "https://www.example.com:22/",
  "https://www.example.com:25/",
  "https://www.example.com:80/",
  "https://www.example.com:0/",
  "https://www.example.com/#fragment",
  "https://localhost:PORT/",
  "https://localhost.:PORT/",
  "https://LOCALHOST:PORT/",
  "https://foo.localhost:PORT/",
  "https://localhost.localdomain:PORT/",
  "https://mysql:PORT/",
  "https://metadata.google.internal/",
  "https://printer.local/",
  "https://router.home.arpa/",
  "https://www.example.com\t.evil.example/",
  "https://",
  "https:///",
  "not an address",
];

/** Where a name leads. */
const NAMES: [string, string[]][] = [
  ["loopback", ["127.0.0.1"]],
  ["loopback, IPv6", ["::1"]],
  ["loopback in IPv6", ["::ffff:127.0.0.1"]],
  ["this host", ["0.0.0.0"]],
  ["a private network", ["10.1.2.3"]],
  ["the cloud's metadata", ["169.254.169.254"]],
  ["the cloud's metadata, IPv6", ["fd00:ec2::254"]],
  ["a carrier's network", ["100.100.100.200"]],
  ["a translated address", ["64:ff9b::a9fe:a9fe"]],
  ["a public and a private address", [PUBLIC, "127.0.0.1"]],
  ["a private and a public address", ["127.0.0.1", PUBLIC]],
  ["a public address and a private one in IPv6", [PUBLIC, "::1"]],
  ["nonsense", ["127.0.0.1.evil"]],
];

describe("hostile targets", () => {
  let trap: Server;
  let port = 0;
  let caught = 0;
  beforeAll(async () => {
    trap = createServer((socket) => {
      caught += 1;
      socket.destroy();
    }).listen(0, "::");
    await once(trap, "listening");
    ({ port } = trap.address() as AddressInfo);
  });
  afterAll(() => void trap.close());

  const send = async (url: string, parts: { resolve?: (name: string) => Promise<string[]>; dial?: Dial } = {}): Promise<PostResult> => {
    const client = createWebhookClient({ allowedHosts: NONE, ...parts });
    onTestFinished(() => client.close());
    return client.post({ url: url.replace("PORT", String(port)), headers: {}, body: "{}", signal: new AbortController().signal });
  };
  /** Past the first check, as if the rule for addresses had a hole. */
  const connectOnly = async (url: string): Promise<string> => {
    const { createGuardedConnector } = await import("./guarded-connector.ts");
    const { hostname, protocol, port: own } = new URL(url.replace("PORT", String(port)));
    return new Promise((resolve) =>
      createGuardedConnector({ allowedHosts: NONE, resolve: async () => ["127.0.0.1"] })(
        { hostname, protocol, port: own, host: hostname, servername: hostname },
        (error, socket) => {
          socket?.destroy();
          resolve(error?.message ?? "connected");
        },
      ),
    );
  };

  it("are many", () => {
    expect(LITERALS.length + OTHERS.length + NAMES.length).toBeGreaterThan(80);
  });

  it("the trap catches who comes in", async () => {
    const client = createWebhookClient({ allowedHosts: new Set([`127.0.0.1:${port}`]) });
    const before = caught;
    const result = await client.post({ url: `http://127.0.0.1:${port}/`, headers: {}, body: "{}", signal: new AbortController().signal });
    expect(result).toEqual({ status: null, problem: "closed the connection without an answer", answer: null });
    expect(caught).toBe(before + 1);
    await client.close();
  });

  it.each([...LITERALS, ...OTHERS])("%s is refused before anything is sent", async (url) => {
    const before = caught;
    expect(problemWithUrl(url.replace("PORT", String(port)), NONE)).not.toBeNull();
    expect(await send(url)).toMatchObject({ status: null, problem: expect.stringMatching(/^the address must/) });
    expect(caught).toBe(before);
  });

  it.each(LITERALS)("%s is refused by the connection too", async (url) => {
    const before = caught;
    expect(await connectOnly(url)).toBe("the host is not public");
    expect(caught).toBe(before);
  });

  it.each(NAMES)("a name that leads to %s is refused", async (_what, addresses) => {
    const dialled: string[] = [];
    const dial: Dial = async ({ address }) => {
      dialled.push(address);
      throw new Error("nothing may be dialled");
    };
    const result = await send("https://hooks.example.com:PORT/", { resolve: async () => addresses, dial });
    expect(result).toEqual({ status: null, problem: "the address is not allowed: the host is not public", answer: null });
    expect(dialled).toEqual([]);
  });

  it("a name that leads elsewhere at the second look-up is looked up once, and connected to what was checked", async () => {
    const answers = [[PUBLIC], ["127.0.0.1"]];
    let lookUps = 0;
    const dialled: object[] = [];
    const parts = {
      resolve: async () => answers[Math.min(lookUps++, 1)] ?? [],
      dial: async (target: object) => {
        dialled.push(target);
        throw Object.assign(new Error("no way out of a test"), { code: "ECONNREFUSED" });
      },
    };
    expect(await send("https://rebind.example.com/", parts)).toMatchObject({ problem: "refused the connection" });
    expect(lookUps).toBe(1);
    expect(dialled).toEqual([{ address: PUBLIC, port: 443, tls: { servername: "rebind.example.com" } }]);
    // Another connection asks again, and finds out.
    expect(await send("https://rebind.example.com/", parts)).toMatchObject({
      problem: "the address is not allowed: the host is not public",
    });
    expect(dialled).toHaveLength(1);
  });

  it("a connection that ends up elsewhere than where it was sent is closed", async () => {
    const { connect } = await import("node:net");
    let closed: Promise<unknown> = Promise.resolve();
    const result = await send("https://hooks.example.com/", {
      resolve: async () => [PUBLIC],
      async dial() {
        const socket = connect(port, "127.0.0.1");
        await once(socket, "connect");
        closed = once(socket, "close");
        return socket;
      },
    });
    expect(result).toMatchObject({ problem: "the address is not allowed: the host is not public" });
    await closed;
  });

  it("tries the next address if one does not answer, IPv4 first", async () => {
    const dialled: string[] = [];
    const dial: Dial = async ({ address }) => {
      dialled.push(address);
      throw Object.assign(new Error("no way out of a test"), { code: "ECONNREFUSED" });
    };
    await send("https://hooks.example.com/", { resolve: async () => [ALSO_PUBLIC, PUBLIC], dial });
    expect(dialled).toEqual([PUBLIC, ALSO_PUBLIC]);
  });
});

describe("a receiver's answer", () => {
  const answering = async (listener: Parameters<typeof createHttpServer>[1]) => {
    const server = createHttpServer({}, listener).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const client = createWebhookClient({ allowedHosts: new Set([`127.0.0.1:${port}`]) });
    onTestFinished(async () => {
      await client.close();
      server.closeAllConnections();
      server.close();
    });
    const post = { url: `http://127.0.0.1:${port}/`, headers: {}, body: "{}" };
    return (signal = new AbortController().signal) => client.post({ ...post, signal });
  };

  it.each([301, 302, 303, 307, 308])("%i is a failure: redirects are not followed", async (status) => {
    let asked = 0;
    const post = await answering((_request, response) => {
      asked += 1;
      response.writeHead(status, { location: "https://169.254.169.254/" }).end("elsewhere");
    });
    expect(await post()).toEqual({ status, problem: `answered ${status}; redirects are not followed`, answer: "elsewhere" });
    expect(asked).toBe(1);
  });

  it("is read to 64 kB, and its first kilobyte is kept", async () => {
    let sent = 0;
    const post = await answering((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && sent < 50_000_000) {
          sent += 16_384;
          if (!response.write("ü".repeat(8_192))) return void response.once("drain", more);
        }
      };
      more();
    });
    const { status, problem, answer } = await post();
    expect({ status, problem, answer }).toEqual({ status: 200, problem: null, answer: "ü".repeat(512) });
    expect(sent).toBeLessThan(50_000_000);
  });

  it("without a proxy from the environment", async () => {
    for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "NODE_USE_ENV_PROXY"]) {
      process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : "http://127.0.0.1:9";
      onTestFinished(() => void delete process.env[name]);
    }
    const post = await answering((_request, response) => void response.writeHead(204).end());
    expect(await post()).toMatchObject({ status: 204, problem: null });
  });

  it("that never comes is given up when the caller stops", async () => {
    const post = await answering(() => undefined);
    expect(await post(AbortSignal.timeout(50))).toMatchObject({ status: null, problem: "did not answer within 10 s" });
  });
});

describe("public addresses", () => {
  it.each([PUBLIC, ALSO_PUBLIC, "8.8.8.8", "196.201.214.200", "2a00:1450:4009:80b::200e", "::ffff:8.8.8.8"])("%s is one", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });

  it.each([
    "https://www.example.com/hooks?site=1",
    "https://hooks.example.co.ke:8443/",
    "https://93.184.215.14/",
    `https://[${ALSO_PUBLIC}]/`,
  ])("%s may be a receiver", (url) => {
    expect(problemWithUrl(url, NONE)).toBeNull();
  });
});

describe("WEBHOOK_ALLOW_HOSTS", () => {
  it("exempts exactly that host and port", () => {
    const allowed = new Set(["localhost:4000", "[::1]:4000", "10.0.0.5:80"]);
    for (const url of ["http://localhost:4000/hooks", "https://LOCALHOST:4000/", "http://[::1]:4000/", "http://10.0.0.5/"])
      expect([url, problemWithUrl(url, allowed)]).toEqual([url, null]);
    for (const url of ["http://localhost:4001/", "http://localhost/", "https://10.0.0.5/", "http://me:word@localhost:4000/"])
      expect([url, problemWithUrl(url, allowed)]).toEqual([url, expect.stringMatching(/^must/)]);
  });

  it.each([
    ["localhost:4000", "localhost:4000"],
    ["LocalHost:04000", "localhost:4000"],
    ["[::1]:80", "[::1]:80"],
    ["0x7f.1:8080", "127.0.0.1:8080"],
    ["localhost", null],
    ["localhost:99999", null],
    ["http://localhost:4000", null],
    ["a/b:80", null],
    ["user@host:80", null],
    ["", null],
  ])("reads %s as %s", (text, read) => {
    expect(parseAllowedHost(text)).toBe(read);
  });
});
