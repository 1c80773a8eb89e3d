import { describe, expect, it, test } from "vitest";
import { problemWithPassword } from "./password-rules.ts";
import { createPasswords, newSalt, saltOf } from "./passwords.ts";

describe("a password", () => {
  const passwords = createPasswords();

  it("is right exactly as it was typed", async () => {
    const typed = " Tembo anapenda ndizi é ";
    const stored = await passwords.hash(typed);
    expect(stored).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(await passwords.isRight(typed, stored)).toBe(true);
    for (const other of [typed.trim(), typed.toLowerCase(), typed.normalize("NFD"), `${typed}x`, ""])
      expect(await passwords.isRight(other, stored)).toBe(false);
  });

  it("has a salt of its own", async () => {
    expect(await passwords.hash("the same password")).not.toBe(await passwords.hash("the same password"));
    const salt = newSalt();
    const stored = await passwords.hash("the same password", salt);
    expect(await passwords.hash("the same password", salt)).toBe(stored);
    expect(saltOf(stored)).toEqual(salt);
  });

  it("of nobody is never right", async () => {
    expect(await passwords.isRight("", null)).toBe(false);
    expect(await passwords.isRight("password", null)).toBe(false);
  });

  it("that was hashed at another cost can still be read", async () => {
    const older = "$argon2id$v=19$m=4096,t=3,p=1$c29tZXNhbHRzb21lc2FsdA$";
    await expect(passwords.isRight("x", `${older}AAAA`)).rejects.toThrow();
    await expect(passwords.isRight("x", "plain")).rejects.toThrow("cannot be read");
    expect(await passwords.isRight("x", `${older}${"A".repeat(43)}`)).toBe(false);
  });

  it("waits for its turn, and a flood is turned away at once", async () => {
    const flooded = createPasswords();
    const outcomes = await Promise.allSettled(Array.from({ length: 80 }, () => flooded.isRight("guess", null)));
    const refused = outcomes.filter((outcome) => outcome.status === "rejected");
    expect(refused).toHaveLength(80 - 62);
    expect(refused[0]).toMatchObject({ reason: { code: "unavailable" } });
    await expect(flooded.isRight("guess", null)).resolves.toBe(false);
  });
});

describe("a new password", () => {
  const words = ["wanjiru.kamau@example.com", "Wanjiru Kamau", "Amani Tutors"];

  test.each([
    "tembo anapenda ndizi",
    "qzv7jw2k",
    "🐘🦒🦓🐆🐊🦏🦬🐃",
    "wanjiru teaches maths",
    "        leading blanks",
    "x".repeat(60) + "yzw",
  ])("%j is fine", (password) => {
    expect(problemWithPassword(password, words)).toBeNull();
  });

  test.each([
    ["qzv7jw2", "at least 8"],
    ["🐘🦒🦓", "at least 8"],
    ["password", "Many people"],
    ["PASSWORD123", "Many people"],
    ["qwertyuiop", "Many people"],
    ["abababababab", "same few"],
    ["wanjirukamau", "mostly your"],
    ["Wanjiru1", "mostly your"],
    ["AmaniTutors1", "mostly your"],
    ["somopay123", "mostly your"],
    ["xy".repeat(50) + "abcdefgh".repeat(20), "up to 200"],
  ])("%j is refused", (password, said) => {
    expect(problemWithPassword(password, words)).toContain(said);
  });
});
