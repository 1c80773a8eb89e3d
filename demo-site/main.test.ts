import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";

const program = join(import.meta.dirname, "main.ts");
const PATH = process.env["PATH"] ?? "";

it("lists every missing variable", async () => {
  const child = spawn(process.execPath, [program], { env: { PATH, SERVICE_URL: "localhost" }, stdio: ["ignore", "ignore", "pipe"] });
  let text = "";
  child.stderr.on("data", (part: Buffer) => (text += part.toString()));
  expect(await once(child, "close")).toEqual([1, null]);
  expect(text).toBe(
    "SERVICE_URL must be an address such as http://localhost:3000; SITE_SECRET_KEY must be set: `somopay site add` printed it.\n",
  );
});

it("shows lessons without a service, no phone without PHONE_URL, and stops on SIGTERM", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "amani-main-"));
  const env = { PATH, DEMO_PORT: "0", SERVICE_URL: "http://127.0.0.1:9", SITE_SECRET_KEY: "sk_test", DEMO_DATA_DIR: dataDir };
  const child = spawn(process.execPath, [program], { env, stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [line] = (await once(createInterface(child.stdout), "line")) as [string];
    const url = /http:\S+/.exec(line)?.[0] ?? "";
    const home = await fetch(url);
    expect(home.status).toBe(200);
    expect(home.headers.get("Content-Security-Policy")).toContain("frame-src 'none'");
    expect(await home.text()).not.toContain("iframe");
  } finally {
    child.kill("SIGTERM");
    await once(child, "exit");
    await rm(dataDir, { recursive: true, force: true });
  }
  expect(child.exitCode).toBe(0);
});
