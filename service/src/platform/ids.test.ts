import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createIds, hashSecret } from "./ids.ts";

const BASE32 = "0123456789abcdefghjkmnpqrstvwxyz";
/** Without look-alikes. */
const REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTWXYZ";
const ids = createIds(Date.now);

/** A random source that returns every byte in turn: a uniform result uses each character equally often. */
function everyByteInTurn(): (byteCount: number) => Uint8Array {
  let next = 0;
  return (byteCount) => Uint8Array.from({ length: byteCount }, () => next++ % 256);
}

/** Counts each character of the texts. */
function tally(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const character of texts.join("")) counts.set(character, (counts.get(character) ?? 0) + 1);
  return counts;
}

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

  it("sort across millisecond boundaries, whatever their random parts", () => {
    const at = (ms: number, byte: number) =>
      createIds(
        () => ms,
        (byteCount) => new Uint8Array(byteCount).fill(byte),
      ).next("x");
    for (const boundary of [1, 32, 32 ** 2, 1_000, 60_000, 32 ** 5, 32 ** 8, Date.UTC(2027, 0, 1)]) {
      // The older id has the greatest random part and the newer one the smallest: only the time can order them.
      expect(at(boundary - 1, 31) < at(boundary, 0)).toBe(true);
    }
  });

  it("have 130 random bits: each of 26 characters is uniform over 32", () => {
    const random = everyByteInTurn();
    // 128 ids use each byte 13 times.
    const randomParts = Array.from({ length: 128 }, () =>
      createIds(() => 0, random)
        .next("x")
        .slice("x_".length + 10),
    );
    expect(new Set(randomParts.map(({ length }) => length))).toEqual(new Set([26]));
    const counts = tally(randomParts);
    expect([...counts.keys()].toSorted().join("")).toBe(BASE32);
    expect(new Set(counts.values())).toEqual(new Set([104]));
  });

  it("take each random character from a byte of its own", () => {
    const next = (change: number | null) =>
      createIds(
        () => 0,
        (byteCount) => Uint8Array.from({ length: byteCount }, (_, index) => (index === change ? 1 : 0)),
      ).next("x");
    const plain = next(null);
    const placesOf = (id: string) => Array.from({ length: id.length }, (_, at) => at).filter((at) => id.charAt(at) !== plain.charAt(at));
    const differences = Array.from({ length: 26 }, (_, index) => placesOf(next(index)));
    expect(differences).toEqual(Array.from({ length: 26 }, (_, index) => [12 + index]));
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
    expect(seeded().reference()).toBe("5".repeat(8));
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
    const counting = createIds(() => 0, everyByteInTurn());
    // 232 of the 256 bytes are used: 29 references use each byte once, and each character 8 times.
    const counts = tally(Array.from({ length: 29 * 4 }, () => counting.reference()));
    expect([...counts.keys()].toSorted().join("")).toBe(REFERENCE_ALPHABET);
    expect(new Set(counts.values())).toEqual(new Set([32]));
  });
});
