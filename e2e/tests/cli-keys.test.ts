import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";
import { folderForTest, somopay } from "../factories/command.ts";

const madeSchema = z.strictObject({ keyId: z.string(), name: z.string(), access: z.enum(["full", "read"]), secretKey: z.string() });

async function withSite(): Promise<string> {
  const folder = folderForTest();
  const file = join(folder, "site.json");
  writeFileSync(file, JSON.stringify({ name: "Amani Tutors", allowedOrigins: ["https://amani.example"], sessionTypes: [] }));
  expect((await somopay(["site", "add", file], { folder })).code).toBe(0);
  return folder;
}

it("keys are made, listed, rotated and revoked; each is shown once", async () => {
  const folder = await withSite();
  const run = (...args: string[]) => somopay(["keys", ...args], { folder });
  const made = madeSchema.parse(JSON.parse((await run("add", "Amani Tutors", "reports", "--read-only")).stdout));
  expect(made).toMatchObject({ name: "reports", access: "read", secretKey: expect.stringMatching(/^rk_\w{48}$/) });
  const successor = madeSchema.parse(JSON.parse((await run("rotate", made.keyId, "--overlap", "2")).stdout));
  expect(successor).toMatchObject({ name: "reports", access: "read" });

  const { stdout } = await run("list", "Amani Tutors");
  const rows = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  expect(rows.map(([, access, , name]) => [access, name])).toEqual([
    ["full", "site file"],
    ["read", "reports"],
    ["read", "reports"],
  ]);
  expect(rows.find(([id]) => id === made.keyId)).toEqual([
    made.keyId,
    "read",
    `…${made.secretKey.slice(-4)}`,
    "reports",
    expect.stringMatching(/^made 20/),
    "not used",
    expect.stringMatching(/^ends 20/),
  ]);
  expect(stdout).not.toContain(made.secretKey.slice(3, -4));

  expect(await run("revoke", successor.keyId)).toMatchObject({ code: 0, stdout: expect.stringContaining("Revoked") });
  expect(await run("revoke", successor.keyId)).toMatchObject({ code: 1, stdout: expect.stringContaining("There is no such key") });
  expect((await run("rotate", successor.keyId)).code).toBe(1);
  expect((await run("list", "Amani Tutors")).stdout).toMatch(new RegExp(`${successor.keyId}.*\tended `));
});

it.each([
  [["list", "Nobody"], 1, "There is no site"],
  [["add", "Nobody", "reports"], 1, "There is no site"],
  [["add", "Amani Tutors", " "], 2, "NAME must have"],
  [["rotate", "key_1", "--overlap", "soon"], 2, "--overlap must be whole hours"],
])("keys %j is refused", async (args, code, said) => {
  const folder = await withSite();
  const ended = await somopay(["keys", ...args], { folder });
  expect(ended.code).toBe(code);
  expect(ended.stdout + ended.stderr).toContain(said);
});
