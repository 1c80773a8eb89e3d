import { describe, expect, it, test } from "vitest";
import { sandboxAccount } from "../daraja-simulator/accounts.ts";
import { folderForTest, somopay } from "../factories/command.ts";
import { environmentOf } from "../factories/operator.ts";
import { deploymentOptions, initiatorIn, sharedStack, stackForTest } from "../fixtures.ts";

const failures = (stdout: string) => stdout.split("\n").filter((line) => line.startsWith("FAIL"));

describe("somopay doctor finds no problem", () => {
  it("with SQLite in one process", async () => {
    const stack = await stackForTest();
    const { code, stdout, stderr } = await somopay(["doctor"], { environment: environmentOf(stack) });
    expect({ code, stderr, failures: failures(stdout) }).toEqual({ code: 0, stderr: "", failures: [] });
    expect(
      stdout
        .trimEnd()
        .split("\n")
        .map((line) => line.split(":")[0]),
    ).toEqual([
      "ok    configuration",
      "ok    database",
      "ok    clock",
      "ok    sites",
      "ok    Redis",
      "ok    credentials",
      "ok    initiator",
      "ok    callback address",
      "ok    public address",
      "ok    caller's address",
    ]);
    expect(stdout).not.toContain(sandboxAccount.consumerSecret);
    expect(stdout).not.toContain(sandboxAccount.passkey);
  });

  it("with an initiator; it prints the certificate's file but not the password", async () => {
    const stack = await stackForTest();
    const initiator = await initiatorIn(stack.dataDir, stack.simulator);
    const { code, stdout } = await somopay(["doctor"], { environment: { ...environmentOf(stack), ...initiator } });
    expect(code).toBe(0);
    expect(stdout).toMatch(/ok {4}initiator: testapi, with the certificate .*CN=/);
    expect(stdout).not.toContain(sandboxAccount.initiator.password);
  });

  it("with MariaDB and Redis", async () => {
    const place = await deploymentOptions("MariaDB, Redis");
    const stack = await stackForTest(place);
    const environment = { ...environmentOf(stack), DATABASE_URL: place.databaseUrl ?? "", REDIS_URL: place.redisUrl ?? "" };
    const { code, stdout } = await somopay(["doctor"], { environment });
    expect({ code, failures: failures(stdout) }).toEqual({ code: 0, failures: [] });
    expect(stdout).toContain("ok    Redis: reachable; keys, scripts and channels work");
    expect(stdout).toMatch(/ok {4}clock: differs from the database's by \d+ ms/);
  });
});

describe("somopay doctor names the problem and what to do", () => {
  const stack = sharedStack("SQLite, in-process");

  test.each<[string, Record<string, string>, RegExp]>([
    [
      "the database is not there",
      { DATABASE_URL: "mysql://somopay:not-a-real-password@127.0.0.1:1/somopay" },
      /^FAIL {2}database: cannot be used \(.*ECONNREFUSED.*\): check DATABASE_URL/,
    ],
    [
      "migrations have not run",
      { DATABASE_URL: "sqlite:fresh.sqlite" },
      /^FAIL {2}database: \d+ migrations are pending: run `somopay migrate`$/,
    ],
    ["Redis is not there", { REDIS_URL: "redis://127.0.0.1:1" }, /^FAIL {2}Redis: it cannot be reached \(ECONNREFUSED\): check REDIS_URL/],
    [
      "the consumer secret is wrong",
      { MPESA_CONSUMER_SECRET: "wrong" },
      /^FAIL {2}credentials: .+: check MPESA_CONSUMER_KEY, MPESA_CONSUMER_SECRET, MPESA_SHORTCODE, MPESA_PASSKEY and MPESA_ENV$/,
    ],
    [
      "the passkey is wrong",
      { MPESA_PASSKEY: "wrong" },
      /^FAIL {2}credentials: Safaricom refuses this shortcode and passkey \(.+\): check/,
    ],
    ["Safaricom is not there", { MPESA_BASE_URL: "http://127.0.0.1:1" }, /^FAIL {2}credentials: .+: check/],
    [
      "the service is not there",
      { PUBLIC_URL: "http://127.0.0.1:1" },
      /^FAIL {2}public address: .+ is not reachable from here \(.+\): check whether the service runs/,
    ],
  ])("%s", async (_what, environment, failure) => {
    const { code, stdout, stderr } = await somopay(["doctor"], { environment: { ...environmentOf(stack()), ...environment } });
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
    expect(failures(stdout)).toEqual([expect.stringMatching(failure)]);
    expect(stdout).not.toContain("not-a-real-password");
  });

  test("no site exists", async () => {
    const folder = folderForTest();
    const environment = { ...environmentOf(stack()), DATABASE_URL: "sqlite:fresh.sqlite" };
    await somopay(["migrate"], { folder, environment });
    const { code, stdout } = await somopay(["doctor"], { folder, environment });
    expect(code).toBe(1);
    expect(failures(stdout)).toEqual(["FAIL  sites: there are no sites: run `somopay site add FILE.json`"]);
  });

  test("a site's credentials cannot be read with this SECRETS_KEY", async () => {
    const folder = folderForTest();
    const environment = { ...environmentOf(stack()), DATABASE_URL: "sqlite:fresh.sqlite", SECRETS_KEY: "ab".repeat(32) };
    const mpesa = { consumerKey: "k", consumerSecret: "s", shortcode: "174379", passkey: "p" };
    await somopay(["site", "add", "-"], {
      folder,
      environment,
      input: JSON.stringify({ name: "Baraka", allowedOrigins: ["https://b.example"], sessionTypes: [], mpesa }),
    });
    const { code, stdout } = await somopay(["doctor"], { folder, environment: { ...environment, SECRETS_KEY: "cd".repeat(32) } });
    expect(code).toBe(1);
    expect(failures(stdout)).toEqual([
      expect.stringMatching(/^FAIL {2}sites: site "Baraka": its M-Pesa credentials cannot be read: is SECRETS_KEY/),
      // The service has no such key either.
      expect.stringMatching(/^FAIL {2}caller's address: .* did not answer the doctor: .* another SECRETS_KEY/),
    ]);
  });

  test("the configuration has errors: it lists all of them and makes no request", async () => {
    const environment = {
      ...environmentOf(stack()),
      MPESA_ENV: "production",
      PUBLIC_URL: "http://localhost:3000",
      MPESA_CALLBACK_URL: "http://localhost:3000/callbacks",
      PORT: "x",
    };
    const { code, stdout } = await somopay(["doctor"], { environment });
    expect(code).toBe(1);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(4);
    for (const name of ["PORT", "PUBLIC_URL", "MPESA_CALLBACK_URL", "SECRETS_KEY"]) {
      expect(lines.filter((line) => line.startsWith(`FAIL  configuration: ${name} must be`))).toHaveLength(1);
    }
  });
});
