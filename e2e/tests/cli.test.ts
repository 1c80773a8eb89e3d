import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { describe, expect, inject, it, onTestFinished, test } from "vitest";
import { z } from "zod";
import { folderForTest, somopay, SOMOPAY, startCommand } from "../factories/command.ts";
import { freePort } from "../servers/free-port.ts";
import { createTestDatabase } from "../servers/databases.ts";

const site = {
  name: "Amani Tutors",
  allowedOrigins: ["https://amani.example"],
  sessionTypes: [{ code: "maths-1h", name: "Maths, one hour", amount: 1_500, durationMinutes: 60 }],
};

const addedSchema = z.strictObject({ siteId: z.string(), publishableKey: z.string(), secretKey: z.string().optional() });

function siteFileIn(folder: string, content: object | string): string {
  const file = join(folder, "site.json");
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

describe("somopay", () => {
  test.each([[["--help"]], [["serve", "-h"]]])("%j prints the usage", async (args) => {
    const { code, stdout, stderr } = await somopay(args);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of ["serve", "migrate", "site add FILE", "site list", "doctor"]) expect(stdout).toContain(`somopay ${command}`);
  });

  test.each([
    [[], "no command given"],
    [["frobnicate"], 'unknown command "frobnicate"'],
    [["site", "add"], '"site add" takes 1 word after it, not 0:'],
  ])("%j is wrong usage: exit 2, with the usage", async (args, said) => {
    const { code, stdout, stderr } = await somopay(args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("somopay site add FILE");
    expect(stderr.split("\n")[0]).toBe(`somopay: ${said}`);
  });

  it("lists every error of the environment at once", async () => {
    const environment = {
      PORT: "http",
      DATABASE_URL: "postgres://db",
      LIMIT_PHONE: "many",
      MPESA_CONSUMER_KEY: "key",
      MPESA_ENV: "production",
    };
    const { code, stdout, stderr } = await somopay(["serve"], { environment });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    const problems = stderr.trimEnd().split("\n");
    expect(problems[0]).toBe("somopay: The configuration has 6 problems:");
    for (const name of [
      "PORT",
      "DATABASE_URL",
      "LIMIT_PHONE",
      "MPESA_CONSUMER_SECRET, MPESA_SHORTCODE, MPESA_PASSKEY",
      "PUBLIC_URL",
      "SECRETS_KEY",
    ]) {
      expect(problems.filter((line) => line.startsWith(`  - ${name} must be`))).toHaveLength(1);
    }
  });

  it("reads .env in its folder; the environment overrides it", async () => {
    const folder = folderForTest();
    writeFileSync(join(folder, ".env"), "LOG_LEVEL=loud\nPORT=x\n");
    const { stderr } = await somopay(["migrate"], { folder, environment: { PORT: "3000" } });
    expect(stderr).toMatch(/^somopay: The configuration has a problem:\n {2}- LOG_LEVEL must be/);
  });
});

describe("files as editors and PowerShell save them", () => {
  it("an .env with a byte order mark and CRLF is read", async () => {
    const folder = folderForTest();
    writeFileSync(join(folder, ".env"), Buffer.from("77u/REFUQUJBU0VfVVJMPXNxbGl0ZTp3YW50ZWQuc3FsaXRlClBPUlQ9Mzk4Nwo=", "base64"));
    expect(await somopay(["migrate"], { folder })).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(folder)).toContain("wanted.sqlite");
    expect(readdirSync(folder)).not.toContain("data");
    writeFileSync(join(folder, ".env"), "\ufeffDATABASE_URL=sqlite:second.sqlite \r\nLOG_LEVEL=info\r\n");
    expect(await somopay(["migrate"], { folder })).toMatchObject({ code: 0, stderr: "" });
    expect(readdirSync(folder)).toContain("second.sqlite");
  });

  it("an .env in UTF-16 is named as the fault, and nothing is created", async () => {
    const folder = folderForTest();
    writeFileSync(join(folder, ".env"), Buffer.from("\ufeffDATABASE_URL=sqlite:wanted.sqlite\r\n", "utf16le"));
    const { code, stdout, stderr } = await somopay(["migrate"], { folder });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toBe("somopay: The configuration has a problem:\n  - .env is saved as UTF-16: save it again as UTF-8\n");
    expect(readdirSync(folder)).toEqual([".env"]);
  });

  it("an .env with a value that a # would cut short names it", async () => {
    const folder = folderForTest();
    writeFileSync(join(folder, ".env"), "MPESA_PASSKEY=not#real\n");
    const { code, stderr } = await somopay(["migrate"], { folder });
    expect(code).toBe(1);
    expect(stderr).toContain("MPESA_PASSKEY in .env has a #, which begins a comment: put the value into quotes");
    expect(stderr).not.toContain("not#real");
  });

  it("a site file with a byte order mark is read; one in UTF-16 is named as the fault", async () => {
    const folder = folderForTest();
    const file = siteFileIn(folder, `\ufeff${JSON.stringify(site, null, 2).replaceAll("\n", "\r\n")}`);
    expect(await somopay(["site", "add", file], { folder })).toMatchObject({ code: 0, stderr: "" });
    writeFileSync(file, Buffer.from(`\ufeff${JSON.stringify(site)}`, "utf16le"));
    const { code, stderr } = await somopay(["site", "add", file], { folder });
    expect(code).toBe(1);
    expect(stderr).toBe("somopay: The site file has a problem:\n  - it is saved as UTF-16: save it again as UTF-8\n");
  });
});

describe("somopay migrate", () => {
  test("migrates SQLite, and does nothing the second time", async () => {
    const folder = folderForTest();
    const first = await somopay(["migrate"], { folder });
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/^Migrated: 0000-[\w-]+\.ts, .*0010-create-leases\.ts/);
    expect(await somopay(["migrate"], { folder })).toEqual({ code: 0, stdout: "The database is up to date.\n", stderr: "" });
  });

  test("migrates MariaDB once if two run at the same time", async () => {
    const { url, drop } = await createTestDatabase(inject("mariadbUrl"));
    onTestFinished(drop);
    const environment = { DATABASE_URL: url };
    const results = await Promise.all([somopay(["migrate"], { environment }), somopay(["migrate"], { environment })]);
    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(new Set(results.map(({ stdout }) => stdout.split(/[:\n]/)[0]))).toEqual(new Set(["Migrated", "The database is up to date."]));
  });

  test("names a database that cannot be reached in one sentence, exit 1", async () => {
    const { code, stdout, stderr } = await somopay(["migrate"], {
      environment: { DATABASE_URL: "mysql://somopay:not-a-real-password@127.0.0.1:1/somopay" },
    });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^somopay: .*ECONNREFUSED.*\n$/);
    expect(stderr).not.toContain("not-a-real-password");
  });
});

describe("somopay site", () => {
  test("add prints the keys as one line of JSON; a second add updates and says why it prints no secret key; list shows the site", async () => {
    const folder = folderForTest();
    const file = siteFileIn(folder, site);
    const first = await somopay(["site", "add", file], { folder });
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/^\{.*\}\n$/);
    const keys = addedSchema.required().parse(JSON.parse(first.stdout));
    expect(keys).toEqual({
      siteId: expect.stringMatching(/^site_/),
      publishableKey: expect.stringMatching(/^pk_/),
      secretKey: expect.stringMatching(/^sk_/),
    });

    siteFileIn(folder, { ...site, allowedOrigins: ["https://new.example"] });
    const again = await somopay(["site", "add", file], { folder });
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout)).toEqual({ siteId: keys.siteId, publishableKey: keys.publishableKey });
    expect(again.stderr).toBe("The secret key is unchanged. Only its hash is stored, so it cannot be shown again.\n");

    const list = await somopay(["site", "list"], { folder });
    expect(list).toEqual({ code: 0, stdout: `${keys.siteId}\tAmani Tutors\t${keys.publishableKey}\thttps://new.example\n`, stderr: "" });
  });

  test("add reads standard input for -", async () => {
    const { code, stdout } = await somopay(["site", "add", "-"], { input: JSON.stringify({ ...site, publishableKey: "pk_from_stdin_1" }) });
    expect(code).toBe(0);
    expect(addedSchema.parse(JSON.parse(stdout)).publishableKey).toBe("pk_from_stdin_1");
  });

  test("list says how to add a site if there is none", async () => {
    expect(await somopay(["site", "list"])).toMatchObject({ code: 0, stdout: "There are no sites yet: somopay site add FILE\n" });
  });

  test.each<[string, object | string, RegExp[]]>([
    [
      "with several mistakes lists them all",
      {
        ...site,
        allowedOrigins: ["amani.example/"],
        sessionTypes: [{ code: "a b", name: "", amount: 0, durationMinutes: 60 }],
        colour: "green",
      },
      [
        /has \d problems:\n/,
        /allowedOrigins\.0: must be an origin/,
        /sessionTypes\.0\.code: /,
        /sessionTypes\.0\.name: /,
        /sessionTypes\.0\.amount: /,
        /colour/,
      ],
    ],
    ["that is not JSON says so", "{name: x}", [/it is not JSON/]],
    [
      "with credentials needs the key that encrypts them",
      { ...site, mpesa: { consumerKey: "k", consumerSecret: "s", shortcode: "174379", passkey: "p" } },
      [/mpesa: set SECRETS_KEY first/],
    ],
  ])("add refuses a file %s: exit 1, nothing on standard output", async (_what, content, problems) => {
    const folder = folderForTest();
    const { code, stdout, stderr } = await somopay(["site", "add", siteFileIn(folder, content)], { folder });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/^somopay: The site file has /);
    for (const problem of problems) expect(stderr).toMatch(problem);
    expect((await somopay(["site", "list"], { folder })).stdout).toBe("There are no sites yet: somopay site add FILE\n");
  });

  test("add names a missing file", async () => {
    const { code, stderr } = await somopay(["site", "add", "nowhere.json"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot be read: .*nowhere\.json/);
  });
});

describe("somopay serve", () => {
  const listening = "SomoPay is listening";

  test.each(["SIGTERM", "SIGINT"] as const)("runs until %s, and exits with 0", async (signal) => {
    const port = await freePort();
    const running = startCommand(["serve"], { environment: { PORT: String(port) } });
    await running.printed(listening);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    running.child.kill(signal);
    const { code, stdout, stderr } = await running.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const line of stdout.trimEnd().split("\n"))
      expect(() => z.object({ level: z.string(), msg: z.string() }).parse(JSON.parse(line))).not.toThrow();
    expect(stdout.trimEnd().split("\n").at(-1)).toContain('"msg":"stopped"');
  });

  test("names a port that is in use in one sentence, exit 1", async () => {
    const taken = createServer().listen(0);
    await once(taken, "listening");
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const { code, stderr } = await somopay(["serve"], { environment: { PORT: String(port), LOG_LEVEL: "silent" } });
    expect(code).toBe(1);
    expect(stderr).toBe(`somopay: Port ${port} is taken. Stop what uses it, or set PORT to another port.\n`);
  });
});

describe("under a Node that is too old", () => {
  /** Makes a new Node report an old version, so that the case is the same on every machine. */
  const pretendOld = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})`;
  const pretender = [process.execPath, "--import", pretendOld];

  /** A checkout with the command, with or without its own Node. */
  const checkout = (withRuntime: boolean): string => {
    const folder = folderForTest();
    mkdirSync(join(folder, "service/bin"), { recursive: true });
    mkdirSync(join(folder, "node_modules/.bin"), { recursive: true });
    copyFileSync(SOMOPAY, join(folder, "service/bin/somopay.mjs"));
    symlinkSync(join(import.meta.dirname, "../../service/src"), join(folder, "service/src"));
    if (withRuntime) symlinkSync(process.execPath, join(folder, "node_modules/.bin/node"));
    return join(folder, "service/bin/somopay.mjs");
  };

  const installed = oldNode();
  if (installed === undefined)
    console.log("Skipped: somopay under an installed Node 20. There is none on the PATH; a pretended one stands for it.");
  const olds = [
    { name: "a new Node that reports an old version", old: pretender },
    ...(installed === undefined ? [] : [{ name: "the machine's Node 20", old: [installed] }]),
  ];

  describe.each(olds)("$name", ({ old }) => {
    it("restarts under the checkout's own Node, and passes its exit code on", async () => {
      const program = [...old, checkout(true)];
      expect(await somopay(["--help"], { program })).toMatchObject({
        code: 0,
        stderr: "",
        stdout: expect.stringContaining("somopay doctor"),
      });
      expect((await somopay(["frobnicate"], { program })).code).toBe(2);
    });

    it("passes SIGTERM on, and exits with the service", async () => {
      const running = startCommand(["serve"], { program: [...old, checkout(true)], environment: { PORT: "0" } });
      await running.printed("SomoPay is listening");
      running.child.kill("SIGTERM");
      expect((await running.ended).code).toBe(0);
    });

    it("says what to do if the checkout has no Node", async () => {
      const { code, stdout, stderr } = await somopay(["serve"], { program: [...old, checkout(false)] });
      expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
      expect(stderr).toMatch(
        /^somopay needs Node 24\.11 or newer; this is 20\.\d+\.\d+\. Run `npm run setup` in the checkout, or install Node 24\.\n$/,
      );
    });
  });
});

/** The first Node 20 of the machine. */
function oldNode(): string | undefined {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/local/bin", "/usr/bin"];
  return folders
    .map((folder) => join(folder, "node"))
    .find((program) => {
      try {
        return execFileSync(program, ["--version"], { encoding: "utf8" }).startsWith("v20.");
      } catch {
        return false;
      }
    });
}
