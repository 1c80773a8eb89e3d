import { describe, expect, it, test } from "vitest";
import { parseSiteFile, SiteFileError } from "./site-file.ts";

const site = {
  name: "Amani Tutors",
  allowedOrigins: ["https://amani.example", "http://localhost:8080"],
  sessionTypes: [{ code: "maths-1h", name: "Maths, one hour", amount: 1_500, durationMinutes: 60 }],
};
const account = { consumerKey: "k", consumerSecret: "s", shortcode: "174379", passkey: "p" };

function problemsOf(content: unknown): string[] {
  try {
    parseSiteFile(typeof content === "string" ? content : JSON.stringify(content));
  } catch (error) {
    if (error instanceof SiteFileError) return error.problems;
    throw error;
  }
  return [];
}

describe("a site file", () => {
  it("needs a name, an origin and a price list; the rest is optional", () => {
    expect(parseSiteFile(JSON.stringify(site))).toEqual(site);
    const whole = {
      ...site,
      publishableKey: "pk_amani_12345678",
      secretKey: "sk_amani_not_a_real_secret_key",
      webhookUrl: "https://amani.example/hooks",
      mpesa: { ...account, till: "5012345" },
    };
    expect(parseSiteFile(JSON.stringify(whole))).toEqual(whole);
    expect(parseSiteFile(JSON.stringify({ ...site, mpesa: account })).mpesa).toEqual(account);
  });

  it("what copying added around a value is dropped", () => {
    const clean = {
      ...site,
      publishableKey: "pk_amani_12345678",
      secretKey: "sk_amani_not_a_real_secret_key",
      webhookUrl: "https://amani.example/hooks",
      mpesa: { ...account, till: "5012345" },
    };
    const around = JSON.stringify(clean, (_key, value: unknown) => (typeof value === "string" ? ` \ufeff${value}\r\n\u200b` : value));
    expect(parseSiteFile(around)).toEqual(clean);
  });

  test.each(["capacitor://localhost", "ionic://localhost", "capacitor://app.amani.example", "ionic://localhost:8100"])(
    "%s is the origin of an app",
    (origin) => {
      expect(parseSiteFile(JSON.stringify({ ...site, allowedOrigins: [origin] })).allowedOrigins).toEqual([origin]);
    },
  );

  test.each([
    "https://amani.example/",
    "https://amani.example/pay",
    "amani.example",
    "https://Amani.example",
    "https://amani.example:443",
    "https://user@amani.example",
    "*",
    "null",
    "file:///home",
    "capacitor://",
    "capacitor://localhost/",
    "capacitor://localhost/index.html",
    "Capacitor://localhost",
    "ionic://*",
    "app://localhost",
    "https://*.amani.example",
  ])("%s is not an origin", (origin) => {
    expect(problemsOf({ ...site, allowedOrigins: [origin] })).toEqual([expect.stringMatching(/^allowedOrigins\.0: must be an origin/)]);
  });

  test.each<[string, object, RegExp]>([
    ["no origin", { allowedOrigins: [] }, /^allowedOrigins: must name at least one/],
    ["no name", { name: "  " }, /^name: /],
    ["a name too long", { name: "x".repeat(121) }, /^name: /],
    ["a price of nothing", { sessionTypes: [{ ...site.sessionTypes[0], amount: 0 }] }, /^sessionTypes\.0\.amount: /],
    ["a price in cents", { sessionTypes: [{ ...site.sessionTypes[0], amount: 1_500.5 }] }, /^sessionTypes\.0\.amount: /],
    [
      "a price that Safaricom does not take",
      { sessionTypes: [{ ...site.sessionTypes[0], amount: 250_001 }] },
      /^sessionTypes\.0\.amount: /,
    ],
    ["a code with a space", { sessionTypes: [{ ...site.sessionTypes[0], code: "one hour" }] }, /^sessionTypes\.0\.code: /],
    ["a code twice", { sessionTypes: [site.sessionTypes[0], site.sessionTypes[0]] }, /^sessionTypes: each code/],
    ["a short publishable key", { publishableKey: "pk_1" }, /^publishableKey: must begin with pk_/],
    ["a short secret key", { secretKey: "sk_12345678" }, /^secretKey: must begin with sk_/],
    ["a webhook that is not a URL", { webhookUrl: "javascript:alert(1)" }, /^webhookUrl: /],
    [
      "a key with a blank in it",
      { mpesa: { ...account, consumerKey: "k k" } },
      /^mpesa\.consumerKey: must be the text from Safaricom's portal/,
    ],
    ["a secret in quotes", { mpesa: { ...account, consumerSecret: '"s"' } }, /^mpesa\.consumerSecret: must be the text/],
    ["a passkey with an invisible character", { mpesa: { ...account, passkey: "p\u200bp" } }, /^mpesa\.passkey: must be the text/],
    ["half an account", { mpesa: { consumerKey: "k" } }, /^mpesa\./],
    ["a shortcode with letters", { mpesa: { ...account, shortcode: "PAYBILL" } }, /^mpesa\.shortcode: must be 5 to 10 digits/],
    [
      "an initiator without a real certificate",
      { mpesa: { ...account, initiator: { name: "api", password: "p", certificate: "-----BEGIN CERTIFICATE-----" } } },
      /^mpesa\.initiator\.certificate: must be Safaricom's certificate: it is not an X\.509/,
    ],
    ["half an initiator", { mpesa: { ...account, initiator: { name: "api" } } }, /^mpesa\.initiator\./],
    ["an unknown member", { alowedOrigins: [] }, /alowedOrigins/],
  ])("%s is reported with its path", (_what, change, problem) => {
    const problems = problemsOf({ ...site, ...change });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toMatch(problem);
  });

  it("lists every mistake at once", () => {
    const problems = problemsOf({
      allowedOrigins: ["x"],
      sessionTypes: [{ code: "a b", name: "", amount: -1, durationMinutes: 0 }],
      extra: 1,
    });
    for (const place of [
      "name",
      "allowedOrigins.0",
      "sessionTypes.0.code",
      "sessionTypes.0.name",
      "sessionTypes.0.amount",
      "sessionTypes.0.durationMinutes",
      "extra",
    ]) {
      expect(problems.filter((problem) => problem.includes(place)).length).toBeGreaterThan(0);
    }
    expect(() => parseSiteFile("[]")).toThrow(/^The site file has a problem:\n {2}- /);
  });

  it("tells an account that is not named from one that is given up", () => {
    expect(parseSiteFile(JSON.stringify(site)).mpesa).toBeUndefined();
    expect(parseSiteFile(JSON.stringify({ ...site, mpesa: null })).mpesa).toBeNull();
  });

  it("that is not JSON says so", () => {
    expect(problemsOf("{name: 'Amani'}")).toEqual([expect.stringMatching(/^it is not JSON: /)]);
  });
});
