import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import { seal, unseal } from "./secret-box.ts";

const key = randomBytes(32);

it("unseals with the same key and context", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string(), (plain, context) => {
      expect(unseal(key, seal(key, plain, context), context)).toBe(plain);
    }),
  );
});

it("reveals nothing of the plain text, and differs each time", () => {
  const sealed = seal(key, "consumer-secret", "site_1");
  expect(Buffer.from(sealed, "base64").toString("latin1")).not.toContain("consumer-secret");
  expect(seal(key, "consumer-secret", "site_1")).not.toBe(sealed);
});

it("refuses another key, another context or any changed byte", () => {
  const sealed = seal(key, "consumer-secret", "site_1");
  expect(() => unseal(randomBytes(32), sealed, "site_1")).toThrow();
  expect(() => unseal(key, sealed, "site_2")).toThrow();
  fc.assert(
    fc.property(fc.nat({ max: Buffer.from(sealed, "base64").length - 1 }), fc.integer({ min: 1, max: 255 }), (index, flip) => {
      const bytes = Buffer.from(sealed, "base64");
      bytes[index] = (bytes[index] ?? 0) ^ flip;
      expect(() => unseal(key, bytes.toString("base64"), "site_1")).toThrow();
    }),
  );
});

it("refuses text that was never sealed", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(() => unseal(key, text, "site_1")).toThrow();
    }),
  );
});

it("refuses a truncated tag", () => {
  const bytes = Buffer.from(seal(key, "x".repeat(40), "site_1"), "base64");
  for (const cut of [1, 4, 12, 15]) expect(() => unseal(key, bytes.subarray(0, bytes.length - cut).toString("base64"), "site_1")).toThrow();
});
