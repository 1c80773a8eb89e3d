import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { ConfigError, loadProcessConfig } from "../config.ts";
import { PortTakenError, serve } from "../main.ts";
import { openDatabase, type Database } from "../platform/database.ts";
import { createIds } from "../platform/ids.ts";
import { migrate } from "../platform/migrate.ts";
import { readTextFile, TextFileError } from "../platform/text-file.ts";
import type { EnteredMoney } from "../payments/operator/assign-money.ts";
import type { SettledOutcome } from "../payments/operator/settle-payment.ts";
import type { Decision } from "../payments/decision.ts";
import { roles, type Role } from "../sites/roles.ts";
import { parseSiteFile, SiteFileError } from "../sites/site-file.ts";
import { createSiteStore, type SiteStore } from "../sites/site-store.ts";
import { createEndpointStore } from "../webhooks/endpoints/endpoint-store.ts";
import { createSiteFileWebhook } from "../webhooks/endpoints/site-file-endpoint.ts";
import { cancel, move } from "./booking-commands.ts";
import { dismissCallback, listCallbacks, replayCallback } from "./callback-commands.ts";
import { addKey, listKeys, revokeKey, rotateKey } from "./key-commands.ts";
import { inviteOwner, resetOwner, signOutOwner } from "./owner-commands.ts";
import { runDoctor } from "./doctor.ts";
import { assignMoney, keepMoney, listForPerson, refundedByHand, refundMoney, registerC2b, settle } from "./money-commands.ts";
import { eraseParent, exportParent } from "./parent-commands.ts";
import { listWebhooks, redeliverWebhooks, setWebhookStatus } from "./webhook-commands.ts";

const USAGE = `somopay: take M-Pesa inside any tutoring site

  somopay serve            run the service until it is stopped
  somopay migrate          migrate the database
  somopay doctor           check configuration, database, Redis, clock, credentials and callback address
  somopay site add FILE    add a site, or update the site of the same name; prints its keys as JSON
  somopay site list        list the sites and their publishable keys
  somopay keys list SITE   list a site's secret keys, and when each was last used; SITE is its id or name
  somopay keys add SITE NAME                                      make another secret key, for what NAME says
    … --read-only                                                 … that may only read (rk_…)
  somopay keys rotate ID                                          replace a key; the old one stays good for 24 hours
    … --overlap HOURS                                             … or as long as this
  somopay keys revoke ID                                          end a key at once
  somopay owner invite EMAIL --site NAME                          print a link with which somebody signs in as an owner; mail it if SMTP is set
    … --role viewer|manager                                       … in another role
  somopay owner sign-out EMAIL                                    end every session of somebody
  somopay owner reset EMAIL                                       print a link with which somebody chooses a new password
    … --without-code                                              … and turn two-factor sign-in off: the phone and the backup codes are lost
  somopay c2b register     tell Safaricom where to report Paybill payments

  somopay attention        list what waits for a person, each with the command that settles it
  somopay callbacks list   list callbacks that led to nothing
  somopay callbacks replay ID                                     process a callback once more
  somopay callbacks dismiss ID --reason WHY                       list one no longer that leads to nothing
  somopay payments settle ID --paid RECEIPT --reason WHY          decide that a payment was paid
  somopay payments settle ID --not-paid --reason WHY              decide that it was not
  somopay money list                                              the same as attention
  somopay money assign RECEIPT REFERENCE                          assign unassigned money to a booking
    … --amount KES --paybill NUMBER --reason WHY                  money from the statement that Safaricom never reported
  somopay money refund RECEIPT                                    have Safaricom give a whole payment back
  somopay money refund RECEIPT --by-hand --reason WHY             a whole payment was given back outside of the service
  somopay money keep RECEIPT --reason WHY                         money stays as it is, by agreement; it is listed no longer
  somopay bookings move REFERENCE DATE TIME --reason WHY          move a booking; paid in full, it is booked then
  somopay bookings cancel REFERENCE --reason WHY                  cancel a booking; its money is listed until it is refunded
  somopay webhooks list                                           list the webhook endpoints and how they do
  somopay webhooks enable ID                                      enable an endpoint; what has waited for it is sent
  somopay webhooks disable ID                                     send nothing to an endpoint, and list it no longer
  somopay webhooks redeliver ID                                   send what an endpoint did not take
    … --since TIME                                                only from then on: 2026-11-28T09:00:00Z
  somopay parent export EMAIL|PHONE                               print what is kept of a parent, as JSON
  somopay parent erase EMAIL|PHONE                                make it unreadable; money and receipts stay

Decisions are kept with the name of who is signed in here, or --by NAME.
Settings come from the environment or from a .env file in this folder; docs/operating.md lists them.
`;

/** @returns the exit code: 0 success, 1 failure, 2 wrong usage */
export async function runCli(args: string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    const isExpected =
      error instanceof ConfigError || error instanceof SiteFileError || error instanceof PortTakenError || error instanceof UsageError;
    process.stderr.write(`somopay: ${error instanceof Error ? error.message : String(error)}\n`);
    if (!isExpected && error instanceof Error && error.cause instanceof Error) process.stderr.write(`  cause: ${error.cause.message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

class UsageError extends Error {}

type Values = Record<string, string | boolean | undefined>;
/** Resolves to whether it did what it should. `words`: what follows the command's name. */
type Command = (words: string[], values: Values) => Promise<boolean>;

async function dispatch(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    strict: false,
    options: {
      help: { type: "boolean", short: "h" },
      paid: { type: "string" },
      "not-paid": { type: "boolean" },
      kept: { type: "boolean" },
      "by-hand": { type: "boolean" },
      reason: { type: "string" },
      by: { type: "string" },
      amount: { type: "string" },
      paybill: { type: "string" },
      "read-only": { type: "boolean" },
      overlap: { type: "string" },
      since: { type: "string" },
      site: { type: "string" },
      role: { type: "string" },
      "without-code": { type: "boolean" },
    },
  });
  const [first = "", second = ""] = positionals;
  if (values["help"] === true || first === "help") {
    print(USAGE.trimEnd());
    return 0;
  }
  const name = Object.hasOwn(commands, first) ? first : `${first} ${second}`;
  const words = positionals.slice(name.split(" ").length);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) throw new UsageError(`${first === "" ? "no command given" : `unknown command "${args.join(" ")}"`}\n\n${USAGE}`);
  if (command.words !== words.length)
    throw new UsageError(howTo(name, `takes ${command.words} ${command.words === 1 ? "word" : "words"} after it, not ${words.length}`));
  return (await command.run(words, values)) ? 0 : 1;
}

/** The lines of the usage that are about one command. */
function howTo(name: string, problem: string): string {
  const lines = USAGE.split("\n").filter((line) => line.startsWith(`  somopay ${name}`));
  return [`"${name}" ${problem}:`, "", ...lines].join("\n");
}

const attention: Command = () => inDatabase((database) => listForPerson(database, print));

/** `words`: how many follow the name. */
const commands: Record<string, { words: number; run: Command }> = {
  serve: {
    words: 0,
    async run() {
      await serve(loadProcessConfig());
      return true;
    },
  },
  migrate: { words: 0, run: () => withDatabase(printMigrations) },
  doctor: { words: 0, run: () => runDoctor() },
  "site add": { words: 1, run: ([file = ""]) => inDatabase((_database, sites) => addSite(sites, file)) },
  "site list": { words: 0, run: () => inDatabase((_database, sites) => listSites(sites)) },
  "keys list": { words: 1, run: ([site = ""]) => inDatabase((database, sites) => listKeys(database, sites, site, print)) },
  "keys add": {
    words: 2,
    run([site = "", name = ""], values) {
      const access = values["read-only"] === true ? "read" : "full";
      return inDatabase((database, sites) => addKey(database, sites, { site, name: keyName(name), access }, print));
    },
  },
  "keys rotate": {
    words: 1,
    run([keyId = ""], values) {
      const hours = overlapHours(values);
      return inDatabase((database) => rotateKey(database, keyId, hours, print));
    },
  },
  "keys revoke": { words: 1, run: ([keyId = ""]) => inDatabase((database) => revokeKey(database, keyId, print)) },
  "owner invite": {
    words: 1,
    run([email = ""], values) {
      const wish = { email, site: siteOf(values), role: roleOf(values), invitedBy: actorOf(values) };
      return inDatabase((database, sites) => inviteOwner(loadProcessConfig(), database, sites, wish, print));
    },
  },
  "owner sign-out": { words: 1, run: ([email = ""]) => inDatabase((database) => signOutOwner(database, email, print)) },
  "owner reset": {
    words: 1,
    run([email = ""], values) {
      const withoutCode = values["without-code"] === true;
      return inDatabase((database) => resetOwner(loadProcessConfig(), database, { email, withoutCode }, print));
    },
  },
  "c2b register": { words: 0, run: () => inDatabase((database, sites) => registerC2b(loadProcessConfig(), database, sites, print)) },
  attention: { words: 0, run: attention },
  "money list": { words: 0, run: attention },
  "callbacks list": { words: 0, run: () => inDatabase((database) => listCallbacks(database, print)) },
  "callbacks replay": { words: 1, run: ([id = ""]) => inDatabase((database) => replayCallback(database, id, print)) },
  "callbacks dismiss": {
    words: 1,
    run([callbackId = ""], values) {
      const decision = decisionOf(values);
      return inDatabase((database) => dismissCallback(database, { callbackId, decision }, print));
    },
  },
  "payments settle": {
    words: 1,
    run([paymentId = ""], values) {
      const settlement = { paymentId, outcome: settledOutcome(values), decision: decisionOf(values) };
      return inDatabase((database) => settle(database, settlement, print));
    },
  },
  "money assign": {
    words: 2,
    run([receipt = "", reference = ""], values) {
      const enter = enteredMoney(values);
      const decision = enter
        ? decisionOf(values)
        : { actor: actorOf(values), note: textOf(values, "reason") ?? "assigned by the operator" };
      return inDatabase((database, sites) => assignMoney(database, sites, { receipt, reference, enter, decision }, print));
    },
  },
  "money refund": {
    words: 1,
    run([receipt = ""], values) {
      if (values["by-hand"] === true) {
        const decision = decisionOf(values);
        return inDatabase((database) => refundedByHand(database, { receipt, decision }, print));
      }
      const decision = { actor: actorOf(values), note: textOf(values, "reason") };
      return inDatabase((database, sites) => refundMoney(loadProcessConfig(), database, sites, { receipt, decision }, print));
    },
  },
  "money keep": {
    words: 1,
    run([receipt = ""], values) {
      const decision = decisionOf(values);
      return inDatabase((database) => keepMoney(database, { receipt, decision }, print));
    },
  },
  "bookings move": {
    words: 3,
    run([reference = "", date = "", time = ""], values) {
      const decision = decisionOf(values);
      return inDatabase((database) => move(loadProcessConfig(), database, { reference, date, time, decision }, print));
    },
  },
  "bookings cancel": {
    words: 1,
    run([reference = ""], values) {
      const decision = decisionOf(values);
      return inDatabase((database) => cancel(loadProcessConfig(), database, { reference, decision }, print));
    },
  },
  "webhooks list": { words: 0, run: () => inDatabase((database) => listWebhooks(database, print)) },
  "webhooks enable": {
    words: 1,
    run: ([endpointId = ""]) => inDatabase((database) => setWebhookStatus(database, { endpointId, status: "enabled" }, print)),
  },
  "webhooks disable": {
    words: 1,
    run: ([endpointId = ""]) => inDatabase((database) => setWebhookStatus(database, { endpointId, status: "disabled" }, print)),
  },
  "webhooks redeliver": {
    words: 1,
    run([endpointId = ""], values) {
      const sinceMs = timeOf(values, "since");
      return inDatabase((database) => redeliverWebhooks(database, { endpointId, sinceMs }, print));
    },
  },
  "parent export": { words: 1, run: ([who = ""]) => inDatabase((database) => exportParent(database, who, print)) },
  "parent erase": { words: 1, run: ([who = ""]) => inDatabase((database) => eraseParent(database, who, print)) },
};

async function printMigrations(database: Database): Promise<boolean> {
  const names = await migrate(database);
  print(names.length === 0 ? "The database is up to date." : `Migrated: ${names.join(", ")}`);
  return true;
}

async function addSite(sites: SiteStore, path: string): Promise<boolean> {
  const { siteId, publishableKey, secretKey, webhookSecret } = await sites.add(parseSiteFile(readSiteFile(path)));
  print(JSON.stringify({ siteId, publishableKey, ...(secretKey !== null && { secretKey }), webhookSecret }));
  if (secretKey === null) process.stderr.write("The secret key is unchanged. Only its hash is stored, so it cannot be shown again.\n");
  return true;
}

async function listSites(store: SiteStore): Promise<boolean> {
  const { sites, unreadable } = await store.all();
  for (const { id, name, publishableKey, allowedOrigins } of sites) print([id, name, publishableKey, allowedOrigins.join(" ")].join("\t"));
  if (sites.length === 0) print("There are no sites yet: somopay site add FILE");
  for (const { name, problem } of unreadable) process.stderr.write(`site "${name}": ${problem}\n`);
  return true;
}

function textOf(values: Values, name: string): string | null {
  const value = values[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
}

function timeOf(values: Values, name: string): number | null {
  const time = textOf(values, name);
  if (time === null) return null;
  const atMs = Date.parse(time);
  if (Number.isNaN(atMs)) throw new UsageError(`--${name} must be a time such as 2026-11-28T09:00:00Z`);
  return atMs;
}

/** Who decides: named, or else who is signed in on this machine. */
function actorOf(values: Values): string {
  return textOf(values, "by") ?? userInfo().username;
}

function decisionOf(values: Values): Decision {
  const note = textOf(values, "reason");
  if (note === null) throw new UsageError("say why with --reason: it is kept in the payment's history");
  return { actor: actorOf(values), note };
}

function siteOf(values: Values): string {
  const site = textOf(values, "site");
  if (site === null) throw new UsageError("say at which site with --site NAME: its name or id");
  return site;
}

function roleOf(values: Values): Role {
  const role = textOf(values, "role") ?? "owner";
  const known = roles.find((name) => name === role);
  if (known === undefined) throw new UsageError(`--role must be one of ${roles.join(", ")}`);
  return known;
}

const OVERLAP_HOURS = 24;
/** As long as its column. */
const KEY_NAME_MAX = 120;

function keyName(text: string): string {
  const name = text.trim();
  if (name === "" || name.length > KEY_NAME_MAX) throw new UsageError(`NAME must have 1 to ${KEY_NAME_MAX} characters`);
  return name;
}

function overlapHours(values: Values): number {
  const hours = textOf(values, "overlap") ?? String(OVERLAP_HOURS);
  if (!/^\d{1,3}$/.test(hours)) throw new UsageError("--overlap must be whole hours, up to 999; 0 ends the old key at once");
  return Number(hours);
}

function settledOutcome(values: Values): SettledOutcome {
  const receipt = textOf(values, "paid");
  const said: SettledOutcome[] = [];
  if (receipt !== null) said.push({ kind: "paid", receipt });
  if (values["not-paid"] === true) said.push({ kind: "not_paid" });
  if (values["kept"] === true) said.push({ kind: "kept" });
  const [outcome, another] = said;
  if (!outcome || another) throw new UsageError("say one of --paid RECEIPT, --not-paid and --kept");
  return outcome;
}

function enteredMoney(values: Values): EnteredMoney | null {
  const amount = textOf(values, "amount");
  if (amount === null) return null;
  const shortcode = textOf(values, "paybill");
  if (!/^[1-9]\d{0,5}$/.test(amount)) throw new UsageError("--amount must be whole shillings");
  if (shortcode === null) throw new UsageError("say which statement it is on with --paybill NUMBER");
  return { amountKes: Number(amount), shortcode, payer: "", paidAtMs: Date.now() };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function readSiteFile(file: string): string {
  try {
    return readTextFile(file === "-" ? 0 : file);
  } catch (error) {
    if (error instanceof TextFileError) throw new SiteFileError([`it ${error.message}`]);
    throw error;
  }
}

async function withDatabase<Result>(work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = openDatabase(loadProcessConfig().database);
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}

/** Migrates first. */
function inDatabase(work: (database: Database, sites: SiteStore) => Promise<boolean>): Promise<boolean> {
  const { secretsKey, webhookAllowHosts: allowedHosts } = loadProcessConfig();
  return withDatabase(async (database) => {
    await migrate(database);
    const parts = { ids: createIds(Date.now), now: Date.now };
    const endpoints = createEndpointStore(database, secretsKey);
    const setWebhook = createSiteFileWebhook({ ...parts, endpoints, hasSecretsKey: secretsKey !== null, allowedHosts });
    return work(database, createSiteStore({ ...parts, database, secretsKey, setWebhook }));
  });
}
