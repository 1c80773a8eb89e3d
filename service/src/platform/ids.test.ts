import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIds, hashSecret } from "./ids.ts";

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const ids = createIds(Date.now);

describe("ids", () => {
  it("have a prefix, ten characters of time and 26 random ones", () => {
    expect(ids.next("pay")).toMatch(/^pay_[0-9a-hjkmnp-tv-z]{36}$/);
  });

  it("sort by time", () => {
    const time = fc.integer({ min: 0, max: 2 ** 50 - 1 });
    fc.assert(
      fc.property(time, time, (one, two) => {
        fc.pre(one !== two);
        const [earlier, later] = [Math.min(one, two), Math.max(one, two)].map((at) => createIds(() => at).next("x"));
        expect((earlier ?? "") < (later ?? "")).toBe(true);
      }),
    );
  });

  it("have at least 128 random bits: each character stands for five uniform ones", () => {
    const seen = Array.from({ length: 26 }, () => new Set<string>());
    for (let byte = 0; byte < 256; byte++) {
      const id = createIds(
        () => 0,
        (count) => new Uint8Array(count).fill(byte),
      ).next("x");
      for (const [index, characters] of seen.entries()) characters.add(id.charAt(12 + index));
    }
    for (const characters of seen) expect([...characters].toSorted().join("")).toBe(ALPHABET);
    expect(26 * 5).toBeGreaterThanOrEqual(128);
  });

  it("do not repeat within a millisecond", () => {
    const sameMoment = createIds(() => 1);
    const many = Array.from({ length: 10_000 }, () => sameMoment.next("x"));
    expect(new Set(many).size).toBe(many.length);
  });

  it("use the random source that is passed in", () => {
    const seeded = () =>
      createIds(
        () => 7,
        (count) => new Uint8Array(count).fill(3),
      );
    expect(seeded().next("x")).toBe(`x_0000000007${"3".repeat(26)}`);
    expect(seeded().secret()).toBe("03".repeat(32));
  });
});

describe("callback secrets", () => {
  it("are 32 bytes in lower-case hexadecimal, which contains no forbidden word", () => {
    expect(ids.secret()).toMatch(/^[0-9a-f]{64}$/);
    expect(ids.secret()).not.toBe(ids.secret());
  });

  it("are stored as their SHA-256", () => {
    expect(hashSecret("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });
});

describe("references", () => {
  it("are eight characters without look-alikes", () => {
    for (let index = 0; index < 1_000; index++) expect(ids.reference()).toMatch(/^[2-9A-HJ-KM-NP-TW-Z]{8}$/);
  });

  it("are uniform over their alphabet: bytes that would cause a bias are rejected", () => {
    let next = 0;
    const counting = createIds(
      () => 0,
      (count) => Uint8Array.from({ length: count }, () => next++ % 256),
    );
    const counts = new Map<string, number>();
    for (let index = 0; index < 29 * 8 * 4; index++)
      for (const character of counting.reference()) counts.set(character, (counts.get(character) ?? 0) + 1);
    expect(counts.size).toBe(29);
    expect(Math.max(...counts.values()) - Math.min(...counts.values())).toBeLessThanOrEqual(40);
  });
});
