import { userInfo } from "node:os";
import { parseArgs } from "node:util";
import { ConfigError, loadProcessConfig } from "../config.ts";
import { listCallbacks, replayCallback } from "./callback-commands.ts";
import { runDoctor } from "./doctor.ts";
import { assignMoney, listForPerson, refundMoney, registerC2b, settle } from "./money-commands.ts";
import { eraseParent, exportParent } from "./parent-commands.ts";
import type { Assignment, EnteredMoney } from "../payments/operator/assign-money.ts";
import type { Decision } from "../payments/record-outcome.ts";
import { PortTakenError, serve } from "../main.ts";
import { openDatabase, type Database } from "../platform/database.ts";
import { createIds } from "../platform/ids.ts";
import { migrate } from "../platform/migrate.ts";
import { readTextFile, TextFileError } from "../platform/text-file.ts";
import { parseSiteFile, SiteFileError } from "../sites/site-file.ts";
import { createSiteStore, type SiteStore } from "../sites/site-store.ts";

const USAGE = `somopay: take M-Pesa inside any tutoring site

  somopay serve            run the service until it is stopped
  somopay migrate          migrate the database
  somopay site add FILE    add a site, or update the site of the same name; prints its keys as JSON
  somopay site list        list the sites and their publishable keys
  somopay c2b register     tell Safaricom where to report Paybill payments
  somopay attention        list what waits for a person, each with the command that settles it
  somopay callbacks list   list callbacks that led to nothing
  somopay callbacks replay ID              process a callback once more
  somopay payments settle ID --paid RECEIPT --reason WHY   decide that a payment was paid
  somopay payments settle ID --not-paid --reason WHY       decide that it was not
  somopay money list       the same as attention
  somopay money assign RECEIPT REFERENCE   assign unassigned money to a booking; with --amount KES --paybill NUMBER
                                           --reason WHY, money from the statement that Safaricom never reported
  somopay money refund RECEIPT             refund a payment
  somopay parent export EMAIL|PHONE        print what is kept of a parent, as JSON
  somopay parent erase EMAIL|PHONE         make it unreadable; money and receipts stay
  somopay doctor           check configuration, database, Redis, clock, credentials and callback address

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

async function dispatch(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    strict: false,
    options: {
      help: { type: "boolean", short: "h" },
      paid: { type: "string" },
      "not-paid": { type: "boolean" },
      reason: { type: "string" },
      by: { type: "string" },
      amount: { type: "string" },
      paybill: { type: "string" },
    },
  });
  const [command, subcommand, argument, further] = positionals;
  if (values["help"] === true || command === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  if (command === "serve") {
    await serve(loadProcessConfig());
    return 0;
  }
  if (command === "doctor") return (await runDoctor()) ? 0 : 1;
  if (command === "migrate") {
    await withDatabase(async (database) => {
      const names = await migrate(database);
      process.stdout.write(names.length === 0 ? "The database is up to date.\n" : `Migrated: ${names.join(", ")}\n`);
    });
    return 0;
  }
  if (command === "site" && subcommand === "add" && argument !== undefined) {
    const file = parseSiteFile(readSiteFile(argument));
    await withSites(async (sites) => {
      const { siteId, publishableKey, secretKey } = await sites.add(file);
      const keys = { siteId, publishableKey, ...(secretKey !== null && { secretKey }) };
      process.stdout.write(`${JSON.stringify(keys)}\n`);
      if (secretKey === null) process.stderr.write("The secret key is unchanged. Only its hash is stored, so it cannot be shown again.\n");
    });
    return 0;
  }
  if (command === "site" && subcommand === "list") {
    await withSites(async (sites) => {
      const { sites: readable, unreadable } = await sites.all();
      const lines = readable.map(({ id, name, publishableKey, allowedOrigins }) =>
        [id, name, publishableKey, allowedOrigins.join(" ")].join("\t"),
      );
      process.stdout.write(lines.length === 0 ? "There are no sites yet: somopay site add FILE\n" : `${lines.join("\n")}\n`);
      for (const { name, problem } of unreadable) process.stderr.write(`site "${name}": ${problem}\n`);
    });
    return 0;
  }
  if (command === "c2b" && subcommand === "register")
    return (await withDatabaseAndSites((database, sites) => registerC2b(loadProcessConfig(), database, sites, print))) ? 0 : 1;
  if (command === "attention" || (command === "money" && subcommand === "list")) {
    await withDatabaseAndSites((database) => listForPerson(database, print));
    return 0;
  }
  if (command === "callbacks" && subcommand === "list") {
    await withDatabaseAndSites((database) => listCallbacks(database, print));
    return 0;
  }
  if (command === "callbacks" && subcommand === "replay" && argument !== undefined)
    return (await withDatabaseAndSites((database) => replayCallback(database, argument, print))) ? 0 : 1;
  if (command === "payments" && subcommand === "settle" && argument !== undefined) {
    const settlement = { paymentId: argument, receipt: settledReceipt(values), decision: decisionOf(values) };
    return (await withDatabaseAndSites((database, sites) => settle(database, sites, settlement, print))) ? 0 : 1;
  }
  if (command === "money" && subcommand === "assign" && argument !== undefined && further !== undefined) {
    const enter = enteredMoney(values);
    const decision = enter ? decisionOf(values) : { actor: actorOf(values), note: textOf(values, "reason") ?? "assigned by the operator" };
    const request = { receipt: argument, reference: further, enter, decision };
    const result = await withDatabaseAndSites((database, sites) => assignMoney(database, sites, request));
    print(ASSIGNMENT_WORDS[result]);
    return result === "no_such_money" || result === "no_such_booking" ? 1 : 0;
  }
  if (command === "money" && subcommand === "refund" && argument !== undefined)
    return (await withDatabaseAndSites((database, sites) => refundMoney(loadProcessConfig(), database, sites, argument, print))) ? 0 : 1;
  if (command === "parent" && subcommand === "export" && argument !== undefined)
    return (await withDatabaseAndSites((database) => exportParent(database, argument, print))) ? 0 : 1;
  if (command === "parent" && subcommand === "erase" && argument !== undefined)
    return (await withDatabaseAndSites((database) => eraseParent(database, argument, print))) ? 0 : 1;
  throw new UsageError(`${command === undefined ? "no command given" : `unknown command "${args.join(" ")}"`}\n\n${USAGE}`);
}

const ASSIGNMENT_WORDS: Record<Assignment, string> = {
  booked: "Assigned: the session is booked.",
  part: "Assigned as a part payment: the booking is not paid in full yet.",
  surplus: "Assigned as surplus: the booking does not need it. Give it back with `somopay money refund RECEIPT`, or keep it by agreement.",
  kept: "Assigned, and the booking is paid in full. It had lapsed and its session is over or taken, so nothing is booked: agree on another time, or refund.",
  no_such_money: "There is no unassigned money with this receipt. See: somopay attention",
  no_such_booking: "There is no booking with this reference.",
};

type Values = Record<string, string | boolean | undefined>;

function textOf(values: Values, name: string): string | null {
  const value = values[name];
  return typeof value === "string" && value.trim() !== "" ? value.trim() : null;
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

function settledReceipt(values: Values): string | null {
  const receipt = textOf(values, "paid");
  if ((receipt === null) !== (values["not-paid"] === true)) throw new UsageError("say --paid RECEIPT or --not-paid, one of the two");
  return receipt;
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

function withSites(work: (sites: SiteStore) => Promise<void>): Promise<void> {
  return withDatabaseAndSites((_database, sites) => work(sites));
}

async function withDatabaseAndSites<Result>(work: (database: Database, sites: SiteStore) => Promise<Result>): Promise<Result> {
  const { secretsKey } = loadProcessConfig();
  return withDatabase(async (database) => {
    await migrate(database);
    return work(database, createSiteStore({ database, ids: createIds(Date.now), now: Date.now, secretsKey }));
  });
}
