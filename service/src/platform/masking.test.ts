import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { createLogger } from "./logger.ts";
import { maskPhone, scrub, scrubStatement } from "./masking.ts";

describe("a masked phone number", () => {
  it("shows the first four digits and the last three", () => {
    expect(maskPhone("254711000678")).toBe("2547•••••678");
  });

  it("shows nothing of text that is not a phone number", () => {
    expect(maskPhone("1234567")).toBe("•••••••");
    expect(maskPhone("")).toBe("");
  });
});

describe("a log line", () => {
  test.each([
    ["a phone", '{"phone":"254711000678"}', '{"phone":"2547•••••678"}'],
    ["a phone as a number", '{"phone":254711000678,"n":1}', '{"phone":2547•••••678,"n":1}'],
    ["a prompt's id, which ends with the phone", "ws_CO_231120260700001711000678 timed out", "ws_CO_••• timed out"],
    ["a callback's path", `POST /callbacks/stk/${"0123456789abcdef".repeat(4)} 200`, "POST /callbacks/stk/[secret] 200"],
    ["a secret key", "key sk_test_site_1_not_a_real_secret.", "key [secret]."],
    ["a publishable key", "X-Site-Key: pk_test_site_1", "X-Site-Key: [secret]"],
    ["a bearer token", "Authorization: Bearer abc.DEF-123==", "Authorization: [secret]"],
    ["a booking's id, but for its time", `/api/booking/bk_01kabcdefg${"z".repeat(26)}`, "/api/booking/bk_01kabcdefg…"],
  ])("removes %s", (_what, line, scrubbed) => {
    expect(scrub(line)).toBe(scrubbed);
  });

  test.each([
    ["times", '{"time":"2026-11-23T07:12:34.567Z","atMs":1795417200000}'],
    ["addresses", '{"remoteAddress":"196.201.214.200","port":17171}'],
    ["amounts and counts", '{"amountKes":1500,"bytes":71234567}'],
    ["payment ids", '{"paymentId":"pay_01kabcdefghjkmnpqrstvwxyzabcdefghjk"}'],
    ["short hashes", '{"commit":"9260a37c0ffee"}'],
  ])("keeps %s", (_what, line) => {
    expect(scrub(line)).toBe(line);
  });

  it("is scrubbed wherever the text is: in the message, a member, an error or its cause", () => {
    const lines: string[] = [];
    const logger = createLogger("debug", (line) => void lines.push(line));
    const error = new Error("no answer for 254711000678", { cause: new Error("about ws_CO_231120260700001711000678") });
    logger.warn(
      {
        err: error,
        phone: "0711000678",
        req: { headers: { authorization: "Basic c2VjcmV0", cookie: "a=b", "x-site-key": "pk_12345678" } },
      },
      "for +254 711 000 678",
    );
    const [line = ""] = lines;
    for (const secret of ["711000678", "711 000 678", "c2VjcmV0", "pk_12345678", "a=b"]) expect(line).not.toContain(secret);
    expect(JSON.parse(line)).toMatchObject({ level: "warn", msg: "for +254•••••678" });
  });
});

const digits = fc.string({ unit: fc.constantFrom(..."0123456789".split("")), minLength: 8, maxLength: 8 });
const subscriber = fc.tuple(fc.constantFrom("7", "1"), digits).map((parts) => parts.join(""));
/** What may surround a number in a line. */
const around = fc.constantFrom("", " ", '"', ":", "/", "=", "phone ", "%2B", "\n", ", ");
const gap = fc.constantFrom("", " ", "-", ".", "\u00a0", ") ", "(");

describe("any line", () => {
  it("contains no Kenyan phone number after scrubbing, in any form", () => {
    const written = fc
      .tuple(fc.constantFrom("0", "254", "+254"), subscriber, fc.array(gap, { minLength: 14, maxLength: 14 }))
      .map(([prefix, number, gaps]) => ({
        number,
        text:
          prefix +
          number
            .split("")
            .map((digit, index) => (gaps[index] ?? "") + digit)
            .join(""),
      }));
    fc.assert(
      fc.property(around, written, around, (before, { number, text }, after) => {
        const left = scrub(before + text + after).replace(/\D/g, "");
        expect(left).not.toContain(number);
        expect(left.length).toBeLessThanOrEqual(8);
      }),
      { numRuns: 1_000 },
    );
  });

  it("contains none without its prefix either, whole or in threes", () => {
    fc.assert(
      fc.property(around, subscriber, fc.constantFrom("", " ", "-", "\u00a0"), around, (before, number, between, after) => {
        const text = [number.slice(0, 3), number.slice(3, 6), number.slice(6)].join(between);
        expect(scrub(before + text + after).replace(/\D/g, "")).not.toContain(number);
      }),
      { numRuns: 1_000 },
    );
  });

  it("contains no secret of 64 hexadecimal digits, whatever surrounds it", () => {
    const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef".split("")), minLength: 64, maxLength: 64 });
    fc.assert(
      fc.property(fc.string(), hex, fc.string(), fc.boolean(), (before, secret, after, isUpper) => {
        const text = isUpper ? secret.toUpperCase() : secret;
        expect(scrub(before + text + after)).not.toContain(text);
      }),
    );
  });

  it("contains no CheckoutRequestID", () => {
    fc.assert(
      fc.property(digits, subscriber, fc.constantFrom(" ", '"', "/", ""), (stamp, number, after) => {
        expect(scrub(`ws_CO_${stamp}${number}${after}`)).toBe(`ws_CO_•••${after}`);
      }),
    );
  });

  it("stays valid JSON", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), subscriber)), (fields) => {
        expect(() => JSON.parse(scrub(JSON.stringify(fields))) as unknown).not.toThrow();
      }),
    );
  });

  it("does not change if it is scrubbed again", () => {
    fc.assert(
      fc.property(fc.string(), subscriber, (text, number) => {
        expect(scrub(scrub(text + number))).toBe(scrub(text + number));
      }),
    );
  });
});

describe("an error of the database", () => {
  test.each([
    [
      "insert into `pending_sessions` (`parent_name`) values ('Wanjiru O''Kamau') - Data too long for column 'parent_name' at row 1",
      "insert into `pending_sessions` (`parent_name`) values ('…') - Data too long for column 'parent_name' at row 1",
    ],
    ["Duplicate entry 'wanjiru@example.com' for key 'email'", "Duplicate entry '…' for key 'email'"],
    ["Incorrect string value: '\\xF0\\x9F' for column 'child_name'", "Incorrect string value: '…' for column 'child_name'"],
    ["Cannot read properties of undefined", "Cannot read properties of undefined"],
  ])("is logged without the values of its statement: %s", (message, scrubbed) => {
    expect(scrubStatement(message)).toBe(scrubbed);
    const lines: string[] = [];
    const logger = createLogger("error", (line) => void lines.push(line));
    logger.error({ err: Object.assign(new Error(message), { code: "ER_BAD_FIELD_ERROR", sql: message }) }, "request failed");
    expect(lines.join("")).not.toMatch(/Kamau|wanjiru|xF0/);
  });
});
