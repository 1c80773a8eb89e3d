/** Databases as hosts run them: with few connections, with TLS, behind a socket, and with a standby that takes over. */
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { createConnection } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished, test } from "vitest";
import { isDatabaseDown, openDatabase, type Database } from "../../service/src/platform/database.ts";
import { migrate } from "../../service/src/platform/migrate.ts";
import { startTcpProxy } from "../faults/tcp-proxy.ts";
import { book, bookingWish, call, newPhone, pay, toProblem, type Answer } from "../factories/calls.ts";
import { expectLedgerIsDatabase } from "../factories/ledger.ts";
import { listen } from "../factories/listener.ts";
import { enterPin, newestPrompt, pushesTo, startPaying } from "../factories/paying.ts";
import { attemptsIn, theAttempt } from "../factories/records.ts";
import { until } from "../factories/until.ts";
import { stackForTest } from "../fixtures.ts";
import { findProgram } from "../servers/find-program.ts";
import { startMariaDb, type PrivateMariaDb } from "../servers/mariadb.ts";

let server: PrivateMariaDb;
let standby: PrivateMariaDb;
beforeAll(async () => {
  [server, standby] = await Promise.all([startMariaDb(), startMariaDb()]);
});
afterAll(() => Promise.all([server.stop(), standby.stop()]));

async function asAdmin(place: PrivateMariaDb, ...statements: string[]): Promise<void> {
  const connection = await createConnection(place.url);
  try {
    for (const statement of statements) await connection.query(statement);
  } finally {
    await connection.end();
  }
}

/** The URL of an empty database for an account as a host gives it: with every right on that database and none beyond. */
async function hostedDatabase(place: PrivateMariaDb, limits = "", name = `db_${randomBytes(4).toString("hex")}`): Promise<URL> {
  const url = new URL(await place.createDatabase(name));
  url.username = `user_of_${name}`;
  url.password = "notreal";
  await asAdmin(
    place,
    `CREATE USER ${url.username} IDENTIFIED BY '${url.password}'`,
    `GRANT ALL ON ${name}.* TO ${url.username} ${limits}`,
  );
  return url;
}

function opened(url: URL | string): Database {
  const database = openDatabase({ kind: "mysql", url: String(url) });
  onTestFinished(() => database.close());
  return database;
}

async function errorOf(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    await work;
  } catch (error) {
    return error;
  }
  throw new Error("it did not fail");
}

async function createMarks({ knex }: Database): Promise<void> {
  await knex.schema.createTable("marks", (table) => table.increments("id").primary());
}
async function mark({ knex }: Database): Promise<void> {
  await knex("marks").insert({});
}
const codeOf = (error: unknown): unknown => (error instanceof Error && "code" in error ? error.code : undefined);

describe("a server that becomes read-only", () => {
  const makeReadOnly = (place: PrivateMariaDb, value: 0 | 1): Promise<void> => asAdmin(place, `SET GLOBAL read_only = ${value}`);

  it("after a failover: the pool leaves the demoted server, and every later request reaches the new one", async () => {
    const name = `db_${randomBytes(4).toString("hex")}`;
    const urls = [await hostedDatabase(server, "", name), await hostedDatabase(standby, "", name)];
    for (const url of urls) await createMarks(opened(url));
    // As a host's name does after a failover, the wire leads new connections elsewhere and leaves those that stand.
    const targets = [server.port];
    const wire = await startTcpProxy({ targets });
    onTestFinished(() => wire.stop());
    const url = new URL(String(urls[0]));
    url.port = String(wire.port);
    const database = opened(url);
    await Promise.all(Array.from({ length: 10 }, () => mark(database)));

    await makeReadOnly(server, 1);
    onTestFinished(() => makeReadOnly(server, 0));
    targets[0] = standby.port;
    const refused = await errorOf(mark(database));
    expect([codeOf(refused), isDatabaseDown(refused)]).toEqual(["ER_OPTION_PREVENTS_STATEMENT", true]);
    await Promise.all(Array.from({ length: 10 }, () => mark(database)));
    await database.knex.transaction(async (trx) => {
      await trx("marks").insert({});
    });
    expect(await opened(String(urls[0])).knex("marks").count({ rows: "*" })).toEqual([{ rows: 10 }]);
    expect(await opened(String(urls[1])).knex("marks").count({ rows: "*" })).toEqual([{ rows: 11 }]);
  });

  it("a transaction that may not write throws its connection away too", async () => {
    const database = opened(await hostedDatabase(server));
    await createMarks(database);
    const connectionId = async (): Promise<unknown> => (await database.knex.select(database.knex.raw("connection_id() as id")))[0];
    await database.knex.raw("SET SESSION TRANSACTION READ ONLY");
    const before = await connectionId();
    expect(await connectionId()).toEqual(before);
    const refused = await errorOf(mark(database));
    expect([codeOf(refused), isDatabaseDown(refused)]).toEqual(["ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION", true]);
    await mark(database);
    expect(await connectionId()).not.toEqual(before);
  });

  it("while a push is answered: the reply is kept, the call is 503 with Retry-After, and the payment is paid by itself", async () => {
    const stack = await stackForTest({ databaseUrl: String(await hostedDatabase(server)) });
    const { service, simulator } = stack;
    const phone = newPhone();
    // The callback can wait for the database to be read-only, and the reply waits for the callback.
    simulator.control.setFaultsForPhone(phone, { callbackBeforeReply: true });
    const { bookingId } = await book(service.url);
    const stream = await listen(service.url, bookingId);
    const paying = pay(service.url, bookingId, phone);
    const prompt = await newestPrompt(stack, phone);
    await makeReadOnly(server, 1);
    onTestFinished(() => makeReadOnly(server, 0));
    const receipt = await enterPin(stack, prompt);
    expect(await simulator.control.waitForDelivery(prompt.checkoutRequestId)).toMatchObject({ status: 200 });

    const answer = await paying;
    expect([answer.status, toProblem(answer).code, answer.headers["retry-after"]]).toEqual([503, "unavailable", "2"]);
    const another = await call(service.url, "/api/bookings", { body: bookingWish });
    expect([another.status, toProblem(another).code, another.headers["retry-after"]]).toEqual([503, "unavailable", "2"]);
    expect((await call(service.url, "/readyz")).body).toMatchObject({ ready: true, journalDepth: 2 });

    await makeReadOnly(server, 0);
    expect((await stream.untilStatus("paid")).payment?.receipt).toBe(receipt);
    const { knex } = service.service.database;
    await until("both to be processed", async () => (await knex("callbacks").whereNotNull("processed_at")).length === 2);
    expect(await knex("callbacks").where({ kind: "push" }).select("verdict")).toEqual([{ verdict: "verified" }]);
    expect(await theAttempt(stack, bookingId)).toMatchObject({ checkoutRequestId: prompt.checkoutRequestId, status: "paid" });
    expect(pushesTo(stack, phone)).toBe(1);
    expect(stack.logLines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
    await expectLedgerIsDatabase(stack);
  });
});

describe("a push's reply that the database does not take", () => {
  it("for whatever reason: it is kept, and recorded once the reason is gone", async () => {
    const stack = await stackForTest();
    const { service, simulator, clock } = stack;
    const { knex } = service.service.database;
    const phone = newPhone();
    const { bookingId } = await book(service.url);
    await knex.raw(
      "CREATE TRIGGER fault BEFORE INSERT ON payment_history WHEN NEW.source = 'push' BEGIN SELECT RAISE(ABORT, 'fault'); END",
    );
    const answer = await pay(service.url, bookingId, phone);
    expect([answer.status, toProblem(answer).code]).toEqual([500, "internal"]);
    expect(await theAttempt(stack, bookingId)).toMatchObject({ status: "requested", checkoutRequestId: null });

    await knex.raw("DROP TRIGGER fault");
    clock.advance(6_000);
    const { checkoutRequestId } = await newestPrompt(stack, phone);
    await until("the reply", async () => (await theAttempt(stack, bookingId)).status === "prompted");
    expect(await theAttempt(stack, bookingId)).toMatchObject({ checkoutRequestId });
    // Only with the reply's id can Safaricom be queried.
    simulator.control.setFaultsForPhone(phone, { callbackLost: true });
    await enterPin(stack, { checkoutRequestId });
    clock.advance(21_000);
    await until("the query", async () => (await theAttempt(stack, bookingId)).status === "paid");
    expect(pushesTo(stack, phone)).toBe(1);
    await expectLedgerIsDatabase(stack);
  });
});

describe("a host that allows fewer connections than the pool wants", () => {
  const limits: [string, string, () => Promise<URL>][] = [
    ["of the account", "ER_USER_LIMIT_REACHED", () => hostedDatabase(server, "WITH MAX_USER_CONNECTIONS 6")],
    [
      "of every account",
      "ER_TOO_MANY_USER_CONNECTIONS",
      async () => {
        const place = await startMariaDb({ args: ["--max-user-connections=6"] });
        onTestFinished(() => place.stop());
        return hostedDatabase(place);
      },
    ],
    [
      "of the server",
      "ER_CON_COUNT_ERROR",
      async () => {
        const place = await startMariaDb({ args: ["--max-connections=10"] });
        onTestFinished(() => place.stop());
        return hostedDatabase(place);
      },
    ],
  ];

  test.each(limits)("the limit %s (%s): whoever has no connection waits for one", async (_whose, code, create) => {
    const url = await create();
    const database = opened(url);
    await createMarks(database);
    await Promise.all(
      Array.from({ length: 40 }, () =>
        database.knex.transaction(async (trx) => {
          await trx("marks").insert({});
          await trx.raw("DO SLEEP(0.05)");
        }),
      ),
    );
    expect(await database.knex("marks").count({ rows: "*" })).toEqual([{ rows: 40 }]);
    // The limit was really met: beside the pool's own connections there is no room.
    const pool: { numUsed(): number; numFree(): number } = database.knex.client.pool;
    expect(pool.numUsed() + pool.numFree()).toBeLessThan(16);
    expect(codeOf(await errorOf(createConnection(String(url))))).toBe(code);
  });

  it("and no connection comes free: 503 after the time that a caller waits, not 500", async () => {
    const url = await hostedDatabase(server, "WITH MAX_USER_CONNECTIONS 1");
    const holder = await createConnection(String(url));
    onTestFinished(() => holder.end());
    const error = await errorOf(opened(url).knex.raw("SELECT 1"));
    expect(isDatabaseDown(error)).toBe(true);
  });

  it("40 bookings and then 20 payments at once: no 500, and every push is recorded", async () => {
    const stack = await stackForTest({ databaseUrl: String(await hostedDatabase(server, "WITH MAX_USER_CONNECTIONS 6")) });
    const { service, simulator } = stack;
    const answers = await Promise.all(Array.from({ length: 40 }, () => call(service.url, "/api/bookings", { body: bookingWish })));
    const booked = answers.filter((answer) => isServed(answer, 201));
    expect(booked.length).toBeGreaterThanOrEqual(20);

    const payers = booked.slice(0, 20).map(({ body }) => ({ phone: newPhone(), bookingId: bookingIdIn(body) }));
    const paid = await Promise.all(payers.map(({ bookingId, phone }) => pay(service.url, bookingId, phone)));
    expect(paid.filter((answer) => isServed(answer, 200)).length).toBeGreaterThan(0);
    for (const { checkoutRequestId } of simulator.control.prompts) await enterPin(stack, { checkoutRequestId });
    await until("every payment", async () => (await attemptsIn(stack)).every(({ status }) => status === "paid"));
    expect(await attemptsIn(stack)).toHaveLength(simulator.control.prompts.length);
    expect(simulator.control.prompts.length).toBeGreaterThanOrEqual(paid.filter(({ status }) => status === 200).length);
    await expectLedgerIsDatabase(stack);
  });
});

/** On a busy machine some callers wait in vain: they are told when to try again. */
function isServed(answer: Answer, status: number): boolean {
  if (answer.status !== status) expect([answer.status, answer.headers["retry-after"]]).toEqual([503, "2"]);
  return answer.status === status;
}

function bookingIdIn(body: unknown): string {
  if (typeof body === "object" && body !== null && "bookingId" in body && typeof body.bookingId === "string") return body.bookingId;
  throw new Error(`no booking in ${JSON.stringify(body)}`);
}

it("the rights that docs/operating.md names are enough to migrate an empty database and to take a payment", async () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/operating.md"), "utf8");
  const rights = /^GRANT (.+) ON somopay\.\* TO 'somopay'@'%';$/m.exec(page)?.[1];
  const url = new URL(await server.createDatabase());
  const name = url.pathname.slice(1);
  url.username = `user_of_${name}`;
  url.password = "notreal";
  await asAdmin(
    server,
    `CREATE USER ${url.username} IDENTIFIED BY '${url.password}'`,
    `GRANT ${rights ?? "nothing"} ON ${name}.* TO ${url.username}`,
  );
  const stack = await stackForTest({ databaseUrl: String(url) });
  const { prompt, stream } = await startPaying(stack);
  await enterPin(stack, prompt);
  await stream.untilStatus("paid");
  await expectLedgerIsDatabase(stack);
  // A later migration begins by taking the lock's row away.
  const { knex } = stack.service.service.database;
  await knex("schema_migrations").where({ name: "0024-fill-amount-paid.ts" }).delete();
  expect(await migrate(stack.service.service.database)).toEqual(["0024-fill-amount-paid.ts"]);
});

describe("a socket", () => {
  it("is where socketPath leads", async () => {
    const url = await hostedDatabase(server);
    url.port = "1";
    url.search = `?socketPath=${join(dirname(server.dataDir), "sock")}`;
    expect(await opened(url).knex.raw("SELECT 1")).toBeDefined();
  });

  it("that is not there counts as a database that is down", async () => {
    const url = await hostedDatabase(server);
    url.search = "?socketPath=/nowhere.sock";
    const error = await errorOf(opened(url).knex.raw("SELECT 1"));
    expect([codeOf(error), isDatabaseDown(error)]).toEqual(["ENOENT", true]);
  });
});

const openssl = findProgram(["openssl"]);
if (openssl === undefined) console.log("Skipped: TLS to the database. There is no openssl to make certificates with.");

describe.skipIf(openssl === undefined)("TLS", () => {
  let secure: PrivateMariaDb;
  let folder: string;
  const ssl = (...args: string[]): Buffer => execFileSync(openssl ?? "", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];

  beforeAll(async () => {
    folder = dirname(server.dataDir);
    ssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=The host's authority");
    ssl("req", "-x509", ...key, "-keyout", "other.key", "-out", "other.pem", "-subj", "/CN=Another authority");
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=CA:false"];
    ssl("req", "-x509", ...key, ...signed, "-keyout", "server.key", "-out", "server.pem", "-subj", "/CN=db");
    secure = await startMariaDb({
      args: ["--ssl", `--ssl-cert=${join(folder, "server.pem")}`, `--ssl-key=${join(folder, "server.key")}`],
    });
  });
  afterAll(() => secure.stop());

  const connected = async (host: string, search: string): Promise<unknown> => {
    const url = await hostedDatabase(secure, "REQUIRE SSL");
    url.host = `${host}:${url.port}`;
    url.search = search.replaceAll("FOLDER", folder);
    const { knex } = opened(url);
    return (await knex("information_schema.session_status").where({ variable_name: "Ssl_version" }).select("variable_value as version"))[0];
  };

  test.each([
    ["127.0.0.1", "?ssl-mode=REQUIRED"],
    ["127.0.0.1", '?ssl={"rejectUnauthorized":false}'],
    ["127.0.0.1", "?ssl-mode=REQUIRED&ssl-ca=FOLDER/ca.pem"],
    ["127.0.0.1", "?ssl-mode=VERIFY_CA&ssl-ca=FOLDER/ca.pem"],
    ["localhost", "?ssl-mode=VERIFY_IDENTITY&ssl-ca=FOLDER/ca.pem"],
    ["localhost", "?sslaccept=strict&ssl-ca=FOLDER/ca.pem"],
  ])("%s%s is encrypted", async (host, search) => {
    expect(await connected(host, search)).toEqual({ version: expect.stringMatching(/^TLSv1\.[23]$/) });
  });

  test.each([
    ["localhost", "?ssl=true", "HANDSHAKE_SSL_ERROR"],
    ["localhost", '?ssl={"rejectUnauthorized":true}', "HANDSHAKE_SSL_ERROR"],
    ["127.0.0.1", "?ssl-mode=VERIFY_CA", "HANDSHAKE_SSL_ERROR"],
    ["127.0.0.1", "?ssl-mode=REQUIRED&ssl-ca=FOLDER/other.pem", "HANDSHAKE_SSL_ERROR"],
    // Another name for 127.0.0.1, which is not in the certificate.
    ["127.1", "?ssl-mode=VERIFY_IDENTITY&ssl-ca=FOLDER/ca.pem", "HANDSHAKE_SSL_ERROR"],
    ["127.0.0.1", "", "ER_ACCESS_DENIED_ERROR"],
  ])("%s%s does not trust this server, or this server does not take it", async (host, search, code) => {
    const error = await errorOf(connected(host, search));
    expect([codeOf(error), isDatabaseDown(error)]).toEqual([code, true]);
  });

  it("a server without TLS is refused: nothing is sent in clear text", async () => {
    const url = new URL(inject("mariadbUrl"));
    url.search = "?ssl-mode=REQUIRED";
    const error = await errorOf(opened(url).knex.raw("SELECT 1"));
    expect([codeOf(error), isDatabaseDown(error)]).toEqual(["HANDSHAKE_NO_SSL_SUPPORT", true]);
  });
});
