/**
 * Loaded into a copy of the service with `--import`. Kills the copy with SIGKILL after the n-th step of a payment. Only steps that leave something behind
 * count: a writing statement, an answer from Safaricom, an answer to the client, a change of the journal. (Dying after a read is the same as dying
 * after the step before it.) Counting begins with the first payment request, or where a test says so.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { writeFileSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import fsPromises from "node:fs/promises";
import { Server, ServerResponse, type IncomingMessage } from "node:http";
import { createRequire, syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent } from "undici";

/** After which step to die; 0: never. */
const dieAt = Number(process.env["DIE_AT"] ?? "0");
/** The file for the name of the step after which it died. */
const noteFile = process.env["DIE_NOTE"] ?? "";
/** Makes the database refuse callbacks, as if it were away, so that the journal must store them. */
const callbacksRefused = process.env["DIE_CALLBACKS_REFUSED"] === "1";
/** The path of the request with which counting begins. */
const countedFrom = process.env["DIE_FROM"] ?? (callbacksRefused ? "/callbacks/" : "/api/pay/mpesa");

type Function_ = (...args: unknown[]) => unknown;
const inRequest = new AsyncLocalStorage<string>();
let isCounting = false;
let count = 0;

function stepDone(what: string): void {
  if (!isCounting || dieAt === 0) return;
  count += 1;
  if (count < dieAt) return;
  writeFileSync(noteFile, what);
  process.kill(process.pid, "SIGKILL");
}

/** Replaces a method by one that reports when its promise has resolved. */
function reportWhenDone(prototype: Record<string, unknown>, name: string, toStep: (args: unknown[]) => string | null): void {
  const original = prototype[name];
  if (typeof original !== "function") throw new Error(`there is no method ${name} any more: the hook must learn its new name`);
  prototype[name] = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    const result: unknown = await (original as Function_).apply(this, args);
    const step = toStep(args);
    if (step !== null) stepDone(step);
    return result;
  };
}

/** knex passes every statement to the database through `_query`. */
function hookDatabase(): void {
  const dialect = createRequire(import.meta.url)("knex/lib/dialects/better-sqlite3") as { prototype: Record<string, unknown> };
  reportWhenDone(dialect.prototype, "_query", ([, statement]) => {
    const sql = sqlOf(statement);
    // The lease that decides which copy queries Safaricom is no part of a payment.
    if (!/^(insert|update|delete|commit)/i.test(sql) || sql.includes("`leases`")) return null;
    return /^\w+(?: into| from)? `\w+`|^\w+/.exec(sql)?.[0] ?? sql;
  });
  const hooked = dialect.prototype["_query"] as Function_;
  dialect.prototype["_query"] = async function (this: unknown, ...args: unknown[]): Promise<unknown> {
    if (callbacksRefused && inRequest.getStore() !== undefined && /^insert into `callbacks`/i.test(sqlOf(args[1])))
      throw Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    return hooked.apply(this, args);
  };
}

function sqlOf(statement: unknown): string {
  return typeof statement === "object" && statement !== null && "sql" in statement ? String(statement.sql) : "";
}

function hookSafaricom(): void {
  const original = Agent.prototype.dispatch;
  Agent.prototype.dispatch = function (options, handler) {
    const end = handler.onResponseEnd?.bind(handler);
    handler.onResponseEnd = (...args) => {
      stepDone(`answer to ${options.method} ${options.path.split("?")[0]}`);
      end?.(...args);
    };
    return original.call(this, options, handler);
  };
}

function hookAnswers(): void {
  const emit = Server.prototype.emit as Function_;
  Server.prototype.emit = function (this: Server, event: string, ...args: unknown[]): boolean {
    if (event !== "request") return emit.call(this, event, ...args) as boolean;
    const [{ url = "", method = "" }, response] = args as [IncomingMessage, ServerResponse];
    const name = `${method} ${url.replace(/[0-9a-f]{32,}/, "…")}`;
    if (url.startsWith(countedFrom)) isCounting = true;
    if (url === "/api/pay/mpesa" || url.startsWith("/callbacks/")) response.once("finish", () => stepDone(`our answer to ${name}`));
    return inRequest.run(name, () => emit.call(this, event, ...args) as boolean);
  };
}

/** The journal is the only file that the service writes by itself. */
async function hookJournal(): Promise<void> {
  const file = join(tmpdir(), `somopay-hook-${process.pid}`);
  const handle = await open(file, "w");
  const prototype = Object.getPrototypeOf(handle) as Record<string, unknown>;
  await handle.close();
  await rm(file);
  for (const name of ["appendFile", "writeFile", "sync", "truncate"]) reportWhenDone(prototype, name, () => `journal: ${name}`);
  const functions = fsPromises as unknown as Record<string, unknown>;
  for (const name of ["rename", "rm"]) reportWhenDone(functions, name, () => `journal: ${name}`);
  syncBuiltinESMExports();
}

hookDatabase();
hookSafaricom();
hookAnswers();
await hookJournal();
