import { describe, expect, it, test } from "vitest";
import { ConfigError, loadConfig } from "./config.ts";

const credentials = {
  MPESA_CONSUMER_KEY: "key",
  MPESA_CONSUMER_SECRET: "secret",
  MPESA_SHORTCODE: "174379",
  MPESA_PASSKEY: "passkey",
};
const production = { MPESA_ENV: "production", PUBLIC_URL: "https://pay.example.com", SECRETS_KEY: "ab".repeat(32), ...credentials };

function problemsOf(environment: Record<string, string>): string[] {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe("with nothing set", () => {
  it("is the sandbox on port 3000, with SQLite, without Redis, with limits", () => {
    expect(loadConfig({})).toEqual({
      port: 3000,
      publicUrl: "http://localhost:3000",
      database: { kind: "sqlite", file: "data/somopay.sqlite" },
      redisUrl: null,
      dataDir: "data",
      logLevel: "info",
      trustProxy: false,
      secretsKey: null,
      mpesa: {
        env: "sandbox",
        baseUrl: "https://sandbox.safaricom.co.ke",
        credentials: null,
        callbackUrl: "http://localhost:3000/callbacks/stk",
        resultUrl: "http://localhost:3000/callbacks",
        callbackIps: { known: expect.arrayContaining(["196.201.214.200"]), isRequired: false },
        queriesPerMinute: 5,
      },
      limits: {
        address: { count: 30, durationS: 600 },
        phone: { count: 5, durationS: 600 },
        site: { count: 300, durationS: 60 },
        api: { count: 600, durationS: 60 },
      },
      retentionDays: 730,
      webhookAllowHosts: new Set(),
      smtp: null,
      bookingLifeMs: 7 * 24 * 60 * 60_000,
    });
  });

  it("an empty or blank variable counts as not set", () => {
    const names = [
      "PORT",
      "DATABASE_URL",
      "REDIS_URL",
      "MPESA_ENV",
      "MPESA_CONSUMER_KEY",
      "SECRETS_KEY",
      "LIMIT_PHONE",
      "TRUST_PROXY",
      "MPESA_CALLBACK_IPS",
    ];
    expect(loadConfig(Object.fromEntries(names.map((name, index) => [name, " ".repeat(index % 2)])))).toEqual(loadConfig({}));
  });

  it("ignores other variables", () => {
    expect(loadConfig({ PATH: "/bin", port: "x" })).toEqual(loadConfig({}));
  });
});

describe("every variable", () => {
  test("PORT, and PUBLIC_URL without its trailing slash and in lower case", () => {
    expect(loadConfig({ PORT: "8080" })).toMatchObject({ port: 8080, publicUrl: "http://localhost:8080" });
    expect(loadConfig({ PUBLIC_URL: "HTTPS://Pay.Example.com//" })).toMatchObject({
      publicUrl: "https://pay.example.com",
      mpesa: { callbackUrl: "https://pay.example.com/callbacks/stk", resultUrl: "https://pay.example.com/callbacks" },
    });
  });

  test.each([
    ["https://pay.example/api/mpesa/callback", "https://pay.example/api/mpesa/callback"],
    ["https://pay.example/API/callback//", "https://pay.example/API/callback"],
    ["https://Pay.Example:8443/c", "https://pay.example:8443/c"],
  ])("MPESA_CALLBACK_URL=%s", (text, callbackUrl) => {
    expect(loadConfig({ MPESA_CALLBACK_URL: text }).mpesa.callbackUrl).toBe(callbackUrl);
  });

  test("PUBLIC_URL may contain a word that Safaricom refuses if callbacks go elsewhere", () => {
    const { publicUrl, mpesa } = loadConfig({ PUBLIC_URL: "https://mpesa.example", MPESA_CALLBACK_URL: "https://pay.example/in" });
    expect([publicUrl, mpesa.callbackUrl, mpesa.resultUrl]).toEqual([
      "https://mpesa.example",
      "https://pay.example/in",
      "https://pay.example/callbacks",
    ]);
  });

  test.each([
    ["mysql://u:pw@db/somopay?ssl-mode=REQUIRED", { kind: "mysql", url: "mysql://u:pw@db/somopay?ssl-mode=REQUIRED" }],
    ["mysql://user:p%40ss@db:3307/somopay", { kind: "mysql", url: "mysql://user:p%40ss@db:3307/somopay" }],
    ["sqlite:data/x.sqlite", { kind: "sqlite", file: "data/x.sqlite" }],
    ["sqlite:/var/x.sqlite", { kind: "sqlite", file: "/var/x.sqlite" }],
    ["sqlite:///var/x.sqlite", { kind: "sqlite", file: "/var/x.sqlite" }],
    ["sqlite::memory:", { kind: "sqlite", file: ":memory:" }],
  ])("DATABASE_URL=%s", (url, database) => {
    expect(loadConfig({ DATABASE_URL: url }).database).toEqual(database);
  });

  test("DATA_DIR is the folder of the SQLite file", () => {
    expect(loadConfig({ DATA_DIR: "/var/lib/somopay" })).toMatchObject({
      dataDir: "/var/lib/somopay",
      database: { kind: "sqlite", file: "/var/lib/somopay/somopay.sqlite" },
    });
  });

  test("REDIS_URL, LOG_LEVEL, SECRETS_KEY", () => {
    const config = loadConfig({ REDIS_URL: "rediss://cache:6380", LOG_LEVEL: "debug", SECRETS_KEY: "0aB1".repeat(16) });
    expect(config).toMatchObject({ redisUrl: "rediss://cache:6380", logLevel: "debug" });
    expect(config.secretsKey?.toString("hex")).toBe("0ab1".repeat(16));
  });

  test("the account: all four, and optionally the till", () => {
    const account = { consumerKey: "key", consumerSecret: "secret", shortcode: "174379", passkey: "passkey" };
    expect(loadConfig(credentials).mpesa.credentials).toEqual(account);
    expect(loadConfig({ ...credentials, MPESA_TILL: "5012345" }).mpesa.credentials).toEqual({ ...account, till: "5012345" });
  });

  test("MPESA_BASE_URL, MPESA_CALLBACK_URL, MPESA_QUERIES_PER_MINUTE", () => {
    const { mpesa } = loadConfig({
      MPESA_BASE_URL: "http://localhost:4000/",
      MPESA_CALLBACK_URL: "https://x.example/api/mpesa/callback",
      MPESA_QUERIES_PER_MINUTE: "60",
    });
    expect(mpesa).toMatchObject({
      baseUrl: "http://localhost:4000",
      callbackUrl: "https://x.example/api/mpesa/callback",
      queriesPerMinute: 60,
    });
  });

  test("MPESA_CALLBACK_IPS: addresses and networks of both kinds, and Safaricom's by name", () => {
    const known = ["196.201.214.200", "10.0.0.0/8", "2001:db8::/32", "::1"];
    expect(loadConfig({ MPESA_CALLBACK_IPS: known.join(", ") }).mpesa.callbackIps).toEqual({ known, isRequired: true });
    const named = loadConfig({ MPESA_CALLBACK_IPS: "safaricom,10.0.0.1" }).mpesa.callbackIps;
    expect(named).toEqual({ known: [...(loadConfig({}).mpesa.callbackIps?.known ?? []), "10.0.0.1"], isRequired: true });
  });

  test("without MPESA_CALLBACK_IPS, callbacks are expected from Safaricom's addresses, and from anywhere if another server plays Safaricom", () => {
    expect(loadConfig({ MPESA_BASE_URL: "https://api.safaricom.co.ke" }).mpesa.callbackIps?.isRequired).toBe(false);
    expect(loadConfig({ MPESA_BASE_URL: "http://daraja-simulator:4010" }).mpesa.callbackIps).toBeNull();
    expect(loadConfig({ MPESA_BASE_URL: "https://safaricom.co.ke.example" }).mpesa.callbackIps).toBeNull();
  });

  test.each([
    ["false", false],
    ["1", 1],
    ["loopback, 10.0.0.0/8", ["loopback", "10.0.0.0/8"]],
  ])("TRUST_PROXY=%s", (text, value) => {
    expect(loadConfig({ TRUST_PROXY: text }).trustProxy).toEqual(value);
  });

  test("limits are count/seconds; 0 turns one off", () => {
    expect(loadConfig({ LIMIT_ADDRESS: "0", LIMIT_PHONE: "3/60", LIMIT_SITE: "1/1", LIMIT_API: "0" }).limits).toEqual({
      address: null,
      phone: { count: 3, durationS: 60 },
      site: { count: 1, durationS: 1 },
      api: null,
    });
  });
});

describe("a mistake is reported with what to set", () => {
  test.each([
    ["PORT", "http"],
    ["PORT", "65536"],
    ["PORT", "-1"],
    ["PUBLIC_URL", "pay.example.com"],
    ["PUBLIC_URL", "ftp://pay.example.com"],
    ["PUBLIC_URL", "https:pay.example.com"],
    ["PUBLIC_URL", "https://pay.example.com/somo"],
    ["PUBLIC_URL", "https://pay.example.com?"],
    ["PUBLIC_URL", "https://user:word@pay.example.com"],
    ["PUBLIC_URL", "https://pay.Safaricom.example"],
    ["DATABASE_URL", "postgres://db/somopay"],
    ["DATABASE_URL", "mysql://db"],
    ["DATABASE_URL", "mysql://u:50%off@db.example/somopay"],
    ["DATABASE_URL", "mysql://u:pw@db.example/somopay?tls=true"],
    ["DATABASE_URL", "sqlite:"],
    ["REDIS_URL", "localhost:6379"],
    ["MPESA_ENV", "live"],
    ["MPESA_BASE_URL", "sandbox"],
    ["MPESA_TILL", "12"],
    ["MPESA_CALLBACK_URL", "/callbacks"],
    ["MPESA_CALLBACK_URL", "https://pay.example/api/mpesa/callback?key=abc"],
    ["MPESA_CALLBACK_URL", "https://pay.example/api/mpesa/callback#x"],
    ["MPESA_CALLBACK_URL", "https://pay.example/call back"],
    ["MPESA_CALLBACK_URL", "https://pay.example/call\u200bback"],
    ["MPESA_CALLBACK_URL", "https://pay.example/mpesa/callback"],
    ["MPESA_CALLBACK_URL", "https://mpesa.example/api/mpesa/callback"],
    ["MPESA_CALLBACK_URL", "https://pay.example/api/mpesa/callback/sql"],
    ["MPESA_CALLBACK_URL", "https://pay.example/SQL/in"],
    ["MPESA_CALLBACK_URL", "https://query.example/in"],
    ["MPESA_CALLBACK_URL", "https://pay.example/cmd"],
    ["MPESA_CALLBACK_URL", "https://pay.example/in.exe"],
    ["MPESA_CALLBACK_URL", "https://pay.example/exec"],
    ["MPESA_CALLBACK_IPS", "airtel"],
    ["MPESA_CALLBACK_IPS", "10.0.0.0/33"],
    ["MPESA_CALLBACK_IPS", ","],
    ["REDIS_URL", "redis://one:6379,two:6379/1"],
    ["REDIS_URL", "redis://cache:6379?cluster=yes"],
    ["MPESA_QUERIES_PER_MINUTE", "0"],
    ["TRUST_PROXY", "nginx"],
    ["TRUST_PROXY", "10.0.0.0/99"],
    ["TRUST_PROXY", "true"],
    ["SECRETS_KEY", "short"],
    ["LIMIT_ADDRESS", "30"],
    ["LIMIT_PHONE", "5/0"],
    ["LIMIT_SITE", "-1/60"],
    ["SMTP_URL", "mail.example.com"],
    ["SMTP_URL", "https://mail.example.com"],
    ["SMTP_URL", "smtp://mail.example.com/path"],
    ["SMTP_URL", "smtp://mail.example.com?tls=no"],
    ["SMTP_URL", "smtp://mail.example.com?from=nobody"],
    ["SMTP_URL", "smtp://user%zz:password@mail.example.com"],
    ["WEBHOOK_ALLOW_HOSTS", "localhost"],
    ["WEBHOOK_ALLOW_HOSTS", "localhost:4000, http://10.0.0.5:80"],
    ["LOG_LEVEL", "verbose"],
  ])("%s=%s", (name, value) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(name);
    expect(problems[0]).not.toMatch(/invalid input|expected/i);
  });

  it("TRUST_PROXY=true is refused with the reason", () => {
    expect(problemsOf({ TRUST_PROXY: "true" })).toEqual([
      "TRUST_PROXY must be the number of proxies in front, or their addresses. With true, any caller could claim any address in X-Forwarded-For, and so get past the limits and MPESA_CALLBACK_IPS",
    ]);
  });

  it("all mistakes are listed at once, including those of production and of the account", () => {
    const problems = problemsOf({
      PORT: "x",
      DATABASE_URL: "x",
      REDIS_URL: "x",
      LIMIT_PHONE: "x",
      MPESA_ENV: "production",
      MPESA_CONSUMER_KEY: "key",
      MPESA_SHORTCODE: "abc",
    });
    for (const name of [
      "PORT",
      "DATABASE_URL",
      "REDIS_URL",
      "LIMIT_PHONE",
      "MPESA_SHORTCODE",
      "MPESA_CONSUMER_SECRET, MPESA_PASSKEY",
      "PUBLIC_URL",
      "SECRETS_KEY",
    ]) {
      expect(problems.filter((problem) => problem.startsWith(name))).toHaveLength(1);
    }
    expect(problems).toHaveLength(8);
  });

  it("the message lists them, one per line", () => {
    expect(() => loadConfig({ PORT: "x", LOG_LEVEL: "x" })).toThrow(
      /^The configuration has 2 problems:\n {2}- PORT must be .*\n {2}- LOG_LEVEL must be .*$/,
    );
    expect(() => loadConfig({ PORT: "x" })).toThrow(/^The configuration has a problem:\n/);
  });

  test.each(Object.keys(credentials))("an account without %s is a mistake", (name) => {
    const rest = Object.fromEntries(Object.entries(credentials).filter(([key]) => key !== name));
    expect(problemsOf(rest)).toEqual([`${name} must be set as well: set all four or none`]);
  });

  test.each([
    ["no name", { MPESA_INITIATOR_PASSWORD: "p" }, [/^MPESA_INITIATOR_NAME, MPESA_CERTIFICATE must be set as well/]],
    ["a missing file", { MPESA_CERTIFICATE: "/nowhere.pem" }, [/^MPESA_CERTIFICATE must be the path .* cannot be read: ENOENT/]],
    [
      "a file that is not a certificate",
      { MPESA_CERTIFICATE: import.meta.filename },
      [/^MPESA_CERTIFICATE must be the path .* not an X\.509/],
    ],
  ])("an initiator with %s", (_case, environment, expected) => {
    const problems = problemsOf({ ...credentials, ...environment });
    for (const problem of expected) expect(problems).toContainEqual(expect.stringMatching(problem));
  });

  it("no problem shows a value that could be secret", () => {
    const secret = "not-a-real-secret";
    expect(problemsOf({ SECRETS_KEY: secret, DATABASE_URL: `postgres://u:${secret}@db/x` }).join("\n")).not.toContain(secret);
  });
});

describe("what copying, editors and `docker run --env-file` add to a value", () => {
  const whole = {
    ...production,
    MPESA_TILL: "5012345",
    REDIS_URL: "redis://h",
    PORT: "3000",
    MPESA_CALLBACK_URL: "https://pay.example/in",
  };

  test.each([
    ["blanks", " ", "  "],
    ["a tab", "\t", "\t"],
    ["the CR of Windows", "", "\r"],
    ["a line end", "", "\n"],
    ["a byte order mark", "\ufeff", ""],
    ["characters that nobody sees", "\u200b", "\u00a0"],
    ["double quotes", '"', '"'],
    ["single quotes", "'", "'"],
    ["quotes and blanks", ' " ', ' " \r'],
  ])("%s around every value: dropped", (_what, before, after) => {
    const around = Object.fromEntries(Object.entries(whole).map(([name, value]) => [name, before + value + after]));
    expect(loadConfig(around)).toEqual(loadConfig(whole));
  });

  test.each([
    ["MPESA_CONSUMER_KEY", '"abc'],
    ["MPESA_PASSKEY", "abc'"],
    ["PORT", '3000"'],
    ["PUBLIC_URL", "“https://pay.example”"],
    ["REDIS_URL", "„redis://h“"],
  ])("%s=%s: the quote is named", (name, value) => {
    expect(problemsOf({ ...whole, [name]: value })).toEqual([`${name} begins or ends with a quote: remove it`]);
  });

  test.each(["abc def", "abc\ndef", "abc\u200bdef", "ab“c”d", "schlüssel"])("a key %j has more in it than Safaricom's text", (value) => {
    for (const name of ["MPESA_CONSUMER_KEY", "MPESA_CONSUMER_SECRET", "MPESA_PASSKEY"])
      expect(problemsOf({ ...whole, [name]: value })).toEqual([
        expect.stringMatching(new RegExp(`^${name} must be the text from Safaricom's`)),
      ]);
  });

  it("an initiator's password may begin or end with a quote", () => {
    const initiator = { MPESA_INITIATOR_NAME: "api", MPESA_INITIATOR_PASSWORD: `pa"ss'`, MPESA_CERTIFICATE: "/nowhere.pem" };
    expect(problemsOf({ ...whole, ...initiator })).toEqual([expect.stringMatching(/^MPESA_CERTIFICATE /)]);
  });
});

describe("in production", () => {
  it("expects callbacks from Safaricom's addresses, and does not require it: a proxy may hide them", () => {
    const { mpesa } = loadConfig(production);
    expect(mpesa.baseUrl).toBe("https://api.safaricom.co.ke");
    expect(mpesa.callbackIps?.isRequired).toBe(false);
    expect(mpesa.callbackIps?.known).toHaveLength(14);
    expect(mpesa.callbackIps?.known).toContain("196.201.212.74");
  });

  test.each([
    ["no public address", { ...production, PUBLIC_URL: "" }, /^PUBLIC_URL must be set/],
    ["a public address without TLS", { ...production, PUBLIC_URL: "http://pay.example.com" }, /^PUBLIC_URL must be https/],
    [
      "a callback address without TLS",
      { ...production, MPESA_CALLBACK_URL: "http://pay.example.com/c" },
      /^MPESA_CALLBACK_URL must be https/,
    ],
    ["no SECRETS_KEY", { ...production, SECRETS_KEY: "" }, /^SECRETS_KEY must be set/],
  ])("%s is a mistake", (_what, environment, problem) => {
    expect(problemsOf(environment)).toEqual([expect.stringMatching(problem)]);
  });
});
