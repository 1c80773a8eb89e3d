import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { request } from "undici";
import { expect, it, onTestFinished } from "vitest";
import { newWebhookSecret } from "../../service/src/webhooks/endpoints/endpoint.ts";
import { signWebhook } from "../../service/src/webhooks/delivery/sign-webhook.ts";
import { folderForTest } from "../factories/command.ts";
import { until } from "../factories/until.ts";
import { freePort } from "../servers/free-port.ts";

const ROOT = join(import.meta.dirname, "../..");
const page = readFileSync(join(ROOT, "docs/webhooks.md"), "utf8");

type Language = { name: string; fence: string; file: string; program: string; args(port: number): string[] };

const languages: Language[] = [
  { name: "Node", fence: "js", file: "receiver.mjs", program: process.execPath, args: () => ["receiver.mjs"] },
  { name: "PHP", fence: "php", file: "receiver.php", program: "php", args: (port) => ["-S", `127.0.0.1:${port}`, "receiver.php"] },
  { name: "Python", fence: "python", file: "receiver.py", program: "python3", args: () => ["receiver.py"] },
];

function snippetOf({ fence }: Language): string {
  const code = new RegExp(`\`\`\`${fence}\n([\\s\\S]*?)\`\`\``).exec(page)?.[1];
  if (code === undefined) throw new Error(`the page has no ${fence} snippet`);
  return code;
}

const isInstalled = ({ program }: Language): boolean => spawnSync(program, ["--version"]).status === 0;

/** Runs the snippet as the page says. */
async function startSnippet(language: Language, secret: string): Promise<{ url: string; printed: () => string }> {
  const folder = folderForTest();
  writeFileSync(join(folder, language.file), snippetOf(language));
  // As after `npm install standardwebhooks`.
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "dir");
  const seen = join(folder, "seen");
  mkdirSync(seen);
  const port = await freePort();
  const environment = { PATH: process.env["PATH"], SOMOPAY_WEBHOOK_SECRET: secret, PORT: String(port), SEEN_FOLDER: seen };
  const child = spawn(language.program, language.args(port), { cwd: folder, env: environment, stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
  await until("the receiver to listen", () => {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${printed}`);
    return isListening(port);
  });
  return { url: `http://127.0.0.1:${port}/`, printed: () => printed };
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

async function post(url: string, body: string, headers: Record<string, string>): Promise<number> {
  const answer = await request(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });
  await answer.body.dump();
  return answer.statusCode;
}

it.for(languages)("the page's receiver in $name takes what is signed, once, and nothing else", async (language, { skip }) => {
  if (!isInstalled(language)) skip(`${language.program} is not installed`);
  const secret = newWebhookSecret();
  const { url, printed } = await startSnippet(language, secret);
  const body = JSON.stringify({
    type: "booking.booked",
    data: { booking: { reference: "K7QW3MZX", session: { name: "Kiswahili – “ünï” 😀" } } },
  });
  const signed = (facts: { id?: string; atMs?: number; secrets?: string[] } = {}) => {
    const { id = "msg_1", atMs = Date.now(), secrets = [secret] } = facts;
    return signWebhook(secrets, { id, body, atMs });
  };
  expect(await post(url, body, signed())).toBe(204);
  expect(await post(url, body, signed())).toBe(204);
  // After a rotation there are two signatures, in either order.
  expect(await post(url, body, signed({ id: "msg_2", secrets: [newWebhookSecret(), secret] }))).toBe(204);
  const refused: [string, Record<string, string>][] = [
    [body, {}],
    [body, signed({ secrets: [newWebhookSecret()] })],
    [body, signed({ atMs: Date.now() - 400_000 })],
    [body, signed({ atMs: Date.now() + 400_000 })],
    [body, { ...signed(), "webhook-id": "msg_3" }],
    [body, { ...signed(), "webhook-signature": "v1," }],
    [body.replace("K7QW3MZX", "K7QW3MZY"), signed()],
    [`${body} `, signed()],
  ];
  for (const [text, headers] of refused) expect(await post(url, text, headers)).toBe(400);
  await until("both messages handled", () => printed().split("booked K7QW3MZX").length === 3);
  expect(printed()).not.toContain("K7QW3MZY");
});
