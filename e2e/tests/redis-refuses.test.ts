// Redis that answers and does not serve: without rights, with another password, as a replica, behind a certificate that nobody trusts.
import { createServer, connect, type Socket } from "node:net";
import { once } from "node:events";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, test } from "vitest";
import { createLogger } from "../../service/src/platform/logger.ts";
import { connectRedis } from "../../service/src/platform/redis.ts";
import { examineRedis, watchRedis, type RedisWatch } from "../../service/src/platform/redis-watch.ts";
import { systemTimers } from "../../service/src/platform/timers.ts";
import { book, call, newPhone, pay } from "../factories/calls.ts";
import { ownCertificates, type Certificates } from "../factories/certificates.ts";
import { folderForTest, somopay, startCommand } from "../factories/command.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { environmentOf } from "../factories/operator.ts";
import { enterPin, startPaying } from "../factories/paying.ts";
import { until } from "../factories/until.ts";
import { deploymentOptions, PUBLISHABLE_KEY, siteFile, stackForTest } from "../fixtures.ts";
import { freePort } from "../servers/free-port.ts";
import { startRedis, type PrivateRedis } from "../servers/redis.ts";

const PASSWORD = "not-a-real-secret";

async function redisForTest(args: readonly string[] | ((port: number) => readonly string[]) = []): Promise<PrivateRedis> {
  const redis = await startRedis({ args });
  onTestFinished(() => redis.stop());
  return redis;
}

function adminOf({ url }: PrivateRedis): Redis {
  const admin = new Redis(url);
  onTestFinished(() => admin.disconnect());
  return admin;
}

/** A Redis, and the address of a user who has these rights only. */
async function redisWithRights(...rights: string[]) {
  const redis = await redisForTest();
  const admin = adminOf(redis);
  await admin.acl("SETUSER", "somo", "on", `>${PASSWORD}`, ...rights);
  return { redis, admin, url: redis.url.replace("redis://", `redis://somo:${PASSWORD}@`) };
}

const tlsArguments =
  ({ caFile, certificateFile, keyFile }: Certificates, clients = "no") =>
  (port: number) =>
    ["--port", "0", "--tls-port", String(port)].concat(
      ["--tls-cert-file", certificateFile, "--tls-key-file", keyFile],
      ["--tls-ca-cert-file", caFile, "--tls-auth-clients", clients],
    );

/** The service's own connections and watch, which looks a hundred times more often than usual. */
function watched(url: string): { watch: RedisWatch; lines: string[]; warnings: () => string[] } {
  const lines: string[] = [];
  const logger = createLogger("debug", (line) => void lines.push(line));
  const connections = connectRedis(url, logger, Date.now);
  const timers = { ...systemTimers, each: (_intervalMs: number, work: () => void) => systemTimers.each(50, work) };
  const watch = watchRedis(connections, { logger, onServing: () => undefined, timers });
  onTestFinished(() => {
    watch.stop();
    for (const connection of Object.values(connections)) connection.disconnect();
  });
  return { watch, lines, warnings: () => lines.filter((line) => line.includes('"level":"warn"')) };
}

describe("what is wrong with Redis is named by the doctor and at /readyz, and logged once", () => {
  test.each<[string, () => Promise<string>, RegExp]>([
    ["an ACL without channels", async () => (await redisWithRights("~*", "+@all", "resetchannels")).url, /^channels are not allowed/],
    ["an ACL without keys", async () => (await redisWithRights("&*", "+@all")).url, /^keys are not allowed/],
    ["an ACL without scripts", async () => (await redisWithRights("~*", "&*", "+@all", "-@scripting")).url, /^the command eval/],
    ["an ACL without PUBLISH", async () => (await redisWithRights("~*", "&*", "+@all", "-publish")).url, /^the command publish/],
    ["a password, and none in REDIS_URL", async () => (await redisForTest(["--requirepass", PASSWORD])).url, /NOAUTH/],
    [
      "a password, and another one in REDIS_URL",
      async () => (await redisForTest(["--requirepass", PASSWORD])).url.replace("redis://", "redis://:wrong@"),
      /WRONGPASS/,
    ],
    [
      "the certificate of an own CA",
      async () => (await redisForTest(tlsArguments(ownCertificates(folderForTest())))).url.replace("redis://", "rediss://"),
      /^its certificate is not trusted .*ssl-ca=FILE/,
    ],
    [
      "TLS that wants a certificate of the client",
      async () => {
        const certificates = ownCertificates(folderForTest());
        const { url } = await redisForTest(tlsArguments(certificates, "yes"));
        return `${url.replace("redis://", "rediss://")}?ssl-ca=${certificates.caFile}`;
      },
      /tls-auth-clients no/,
    ],
    [
      "TLS, and redis:// in REDIS_URL",
      async () => (await redisForTest(tlsArguments(ownCertificates(folderForTest())))).url,
      /does it expect TLS \(rediss:\/\/\)/,
    ],
    [
      "a replica",
      async () => {
        const { port } = await redisForTest();
        return (await redisForTest(["--replicaof", "127.0.0.1", String(port)])).url;
      },
      /^the server is a read-only replica/,
    ],
    ["a server in cluster mode", async () => (await redisForTest(["--cluster-enabled", "yes"])).url, /Redis Cluster/],
    ["no server", async () => "redis://127.0.0.1:1", /ECONNREFUSED/],
  ])("%s", async (_what, start, problem) => {
    const url = await start();
    const { watch, lines, warnings } = watched(url);
    await until("the problem", () => problem.test(watch.problem()?.message ?? ""));
    // It is tried again and again, and said once.
    const triedBefore = lines.length;
    await until("more tries", () => lines.length > triedBefore + 4);
    expect(watch.problem()?.message).toMatch(problem);
    expect(warnings()).toEqual([expect.stringContaining("Redis does not serve: ")]);
    expect(await examineRedis(url)).toEqual({ kind: watch.problem()?.kind, message: expect.stringMatching(problem) });
  });

  it("a server without TLS, and rediss:// in REDIS_URL: it waits for more, and says nothing", async () => {
    const { url } = await redisForTest();
    expect(await examineRedis(url.replace("redis://", "rediss://"))).toEqual({
      kind: "no_answer",
      message: expect.stringContaining("rediss:// only if it speaks TLS"),
    });
  });
});

describe("Redis serves", () => {
  it("a user who has only the rights that docs/operating.md lists", async () => {
    const rights = ["~somopay:*", "&somopay:*", "+@read", "+@write", "+@pubsub", "+@scripting", "+@connection", "+info"];
    const { url } = await redisWithRights(...rights);
    expect(await examineRedis(url)).toBeNull();
    const { service } = await stackForTest({ redisUrl: url, environment: { LIMIT_SITE: "1/600" } });
    await until("Redis", async () => JSON.stringify((await call(service.url, "/readyz")).body).includes('"redis":"ok"'));
    const answers = [];
    for (let paid = 0; paid < 2; paid++) answers.push((await pay(service.url, (await book(service.url)).bookingId, newPhone())).status);
    expect(answers).toEqual([200, 429]);
  });

  it("with a certificate of an own CA, which ssl-ca names", async () => {
    const certificates = ownCertificates(folderForTest());
    const { url } = await redisForTest(tlsArguments(certificates));
    expect(await examineRedis(`${url.replace("redis://", "rediss://")}?ssl-ca=${certificates.caFile}`)).toBeNull();
  });

  it("again once the ACL is mended, also for streams that opened before, without a reconnect", async () => {
    const { admin, url } = await redisWithRights("~*", "+@all", "resetchannels");
    const stack = await stackForTest({ redisUrl: url });
    const { prompt, stream } = await startPaying(stack);
    expect((await call(stack.service.url, "/readyz")).status).toBe(200);
    await admin.acl("SETUSER", "somo", "&somopay:*");
    await until("Redis", async () => JSON.stringify((await call(stack.service.url, "/readyz")).body).includes('"redis":"ok"'));
    await until("the stream's channel", async () => (await admin.pubsub("CHANNELS", "somopay:channel:booking:*")).length === 1);
    await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
  });
});

describe("with an ACL without channels", () => {
  it("payments go on, /readyz says why and stays 200, and so does the doctor", async () => {
    const { url } = await redisWithRights("~*", "+@all", "resetchannels");
    const stack = await stackForTest({ redisUrl: url });
    const { prompt, stream } = await startPaying(stack);
    await until("the problem", async () => JSON.stringify((await call(stack.service.url, "/readyz")).body).includes("channels are not"));
    const readiness = await call(stack.service.url, "/readyz");
    expect(readiness).toMatchObject({
      status: 200,
      body: { ready: true, redis: "down", redisProblem: expect.stringContaining("&somopay:*") },
    });
    await enterPin(stack, prompt);
    await stream.untilStatus("paid");
    await expectLedgerIsDatabase(stack);
    expect(stack.logLines.filter((line) => line.includes('"level":"warn"') && line.includes("Redis"))).toHaveLength(1);
    expect(stack.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);

    const { code, stdout } = await somopay(["doctor"], { environment: { ...environmentOf(stack), REDIS_URL: url } });
    expect(code).toBe(1);
    expect(stdout).toMatch(/^FAIL {2}Redis: channels are not allowed by the ACL: give the user `&somopay:\*`/m);
    expect(stdout).not.toContain(PASSWORD);
  });

  it("a service with open streams lives on when it loses the right and its connection", async () => {
    const { admin, url } = await redisWithRights("~*", "&*", "+@all");
    const port = await freePort();
    const environment = { PORT: String(port), DATA_DIR: ".", REDIS_URL: url };
    const folder = folderForTest();
    const serve = startCommand(["serve"], { folder, environment });
    await serve.printed("SomoPay is listening");
    await somopay(["site", "add", "-"], { folder, environment, input: JSON.stringify({ ...siteFile, publishableKey: PUBLISHABLE_KEY }) });
    const service = `http://localhost:${port}`;
    const { bookingId } = await until("the site", () => book(service).catch(() => null));
    await (await listen(service, bookingId)).until(() => true);
    // Redis closes the connections of a user who loses a channel that he listens to.
    await admin.acl("SETUSER", "somo", "resetchannels");
    await serve.printed("channels are not allowed by the ACL");
    expect((await call(service, "/livez")).status).toBe(200);
    serve.child.kill("SIGTERM");
    expect((await serve.ended).code).toBe(0);
  });
});

describe("a failover", () => {
  let leads: { port: number; to: number; stop(): Promise<void> };
  beforeAll(async () => {
    leads = await startName();
  });
  afterAll(() => leads.stop());

  it("a primary that becomes a replica is left for the new primary, and limits are counted together again", async () => {
    const [before, after] = [await redisForTest(), await redisForTest()];
    leads.to = before.port;
    const { service, copies, logLines } = await stackForTest({
      ...(await deploymentOptions("MariaDB, Redis")),
      redisUrl: `redis://127.0.0.1:${leads.port}`,
      copies: 2,
      environment: { LIMIT_SITE: "2/600" },
    });
    const isServed = async ({ url }: { url: string }): Promise<boolean> =>
      JSON.stringify((await call(url, "/readyz")).body).includes('"redis":"ok"');
    await until("Redis", async () => (await Promise.all(copies.map(isServed))).every(Boolean));

    // The connections stay open, to a server that has become a replica; the name leads to the new primary.
    leads.to = after.port;
    await adminOf(before).replicaof("127.0.0.1", after.port);
    const newPrimary = adminOf(after);
    const clients = async (): Promise<number> =>
      String(await newPrimary.client("LIST"))
        .trim()
        .split("\n").length;
    // Two copies with two connections each, the replica's, and this one.
    await until("the copies' four connections", async () => (await clients()) >= 6);
    await until("Redis", async () => (await Promise.all(copies.map(isServed))).every(Boolean));
    expect(logLines.filter((line) => line.includes("read-only replica") && line.includes('"level":"warn"'))).not.toEqual([]);

    const answers: number[] = [];
    for (const { url } of [...copies, ...copies]) {
      const { bookingId } = await book(service.url);
      answers.push((await pay(url, bookingId, newPhone())).status);
    }
    expect(answers).toEqual([200, 200, 429, 429]);
  });
});

/** A port that leads each new connection to another port, as a name does after a failover. Connections that are open stay where they are. */
async function startName() {
  const name = { port: 0, to: 0, stop: async () => undefined as void };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const target = connect(name.to, "127.0.0.1");
    for (const [from, to] of [
      [socket, target],
      [target, socket],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => sockets.delete(from));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it does not listen on a port");
  name.port = address.port;
  name.stop = async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  return name;
}
