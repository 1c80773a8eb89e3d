import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import knexFactory, { type Knex } from "knex";
import { parseMysqlAddress } from "./mysql-address.ts";

export type DatabaseAddress = { kind: "mysql"; url: string } | { kind: "sqlite"; file: string };

export type Database = { knex: Knex; kind: DatabaseAddress["kind"]; close(): Promise<void> };

/** How long a request waits for a connection before the database counts as down. */
const ACQUIRE_CONNECTION_TIMEOUT_MS = 5_000;
/** A live server on the same network answers in far less than two seconds; a dead one never does. */
const CONNECT_TIMEOUT_MS = 2_000;
const MYSQL_POOL_MAX = 16;
/**
 * The server closes a connection that has been silent for this long. Otherwise the open transaction of a copy that lost power would hold its row
 * locks for the server's default of 8 hours. The pool drops idle connections after 30 s, so it never holds one that the server has closed.
 */
export const SILENT_CONNECTION_ENDED_AFTER_S = 60;
/** The server's default is 50 s. A lock wait that times out is retried, and four of these must fit into the time that a caller waits. */
const LOCK_WAIT_TIMEOUT_S = 2;
const SESSION_SETTINGS = [
  // Strict: a value that does not fit is refused, not truncated.
  "SET SESSION sql_mode = 'TRADITIONAL'",
  `SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_TIMEOUT_S}`,
  `SESSION wait_timeout = ${SILENT_CONNECTION_ENDED_AFTER_S}`,
].join(", ");

/** Otherwise knex prints a failed connection as plain text between our JSON lines. It also throws it, and whoever catches it logs it. */
const QUIET = { warn: () => undefined, error: () => undefined, debug: () => undefined, deprecate: () => undefined };

/**
 * Opens MySQL or MariaDB (`mysql://…`), or a SQLite file (`:memory:` for tests). Connects at the first query.
 * @throws MysqlAddressError
 */
export function openDatabase(address: DatabaseAddress): Database {
  const knex = address.kind === "mysql" ? openMysql(address.url) : openSqlite(address.file);
  return { knex, kind: address.kind, close: () => knex.destroy() };
}

function openMysql(url: string): Knex {
  return knexFactory({
    client: "mysql2",
    log: QUIET,
    connection: {
      ...parseMysqlAddress(url),
      // No `charset`: mysql2's default is utf8mb4 already. If it is set here, knex writes it into every new table, and the table then gets the
      // character set's default collation, which is case-insensitive, instead of the database's utf8mb4_bin.
      timezone: "Z",
      connectTimeout: CONNECT_TIMEOUT_MS,
    },
    acquireConnectionTimeout: ACQUIRE_CONNECTION_TIMEOUT_MS,
    pool: {
      min: 0,
      max: MYSQL_POOL_MAX,
      afterCreate(connection: MysqlConnection, done: (error: unknown, connection: MysqlConnection) => void) {
        // Fewer gap locks, and every statement sees what other transactions committed.
        connection.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", (isolationError: unknown) => {
          if (isolationError) return done(isolationError, connection);
          connection.query(SESSION_SETTINGS, (settingsError: unknown) => done(settingsError, connection));
        });
      },
    },
  });
}

type MysqlConnection = { query(sql: string, done: (error: unknown) => void): void };

function openSqlite(file: string): Knex {
  if (file !== ":memory:") mkdirSync(dirname(resolve(file)), { recursive: true });
  return knexFactory({
    client: "better-sqlite3",
    log: QUIET,
    connection: { filename: file },
    useNullAsDefault: true,
    acquireConnectionTimeout: ACQUIRE_CONNECTION_TIMEOUT_MS,
    pool: {
      // SQLite has one writer at a time; a second connection would only get SQLITE_BUSY.
      min: 1,
      max: 1,
      afterCreate(connection: SqliteConnection, done: (error: unknown, connection: SqliteConnection) => void) {
        connection.pragma("journal_mode = WAL");
        // FULL: an answered callback survives a power cut, as with MySQL's default.
        connection.pragma("synchronous = FULL");
        connection.pragma("foreign_keys = ON");
        connection.pragma("busy_timeout = 3000");
        done(null, connection);
      },
    },
  });
}

type SqliteConnection = { pragma(sql: string): unknown };

function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** The key's name is at the end of the message, after the statement (which knex puts first) and the duplicate value. */
const NAMED_KEY = /^.*(?: for key |UNIQUE constraint failed: )(.+)$/s;

/**
 * The unique key that an insert or update violated, or null if the error is something else.
 * Databases name keys differently: test the result with `includes` for the name of the column or index.
 */
export function uniqueViolation(error: unknown): string | null {
  const code = errorCode(error);
  const isUnique = code === "ER_DUP_ENTRY" || code === "SQLITE_CONSTRAINT_UNIQUE" || code === "SQLITE_CONSTRAINT_PRIMARYKEY";
  return isUnique && error instanceof Error ? (NAMED_KEY.exec(error.message)?.[1] ?? "unnamed") : null;
}

/** Two transactions conflicted, and the database chose this one to be retried. */
export function isRetryable(error: unknown): boolean {
  const code = errorCode(error);
  return code === "ER_LOCK_DEADLOCK" || code === "ER_LOCK_WAIT_TIMEOUT" || code === "ER_CHECKREAD" || code === "SQLITE_BUSY";
}

const DOWN_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "EPIPE",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "EAI_AGAIN",
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_SEQUENCE_TIMEOUT",
  "ER_SERVER_SHUTDOWN",
  "ER_CON_COUNT_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_ACCESS_DENIED_ERROR",
  "ER_BAD_DB_ERROR",
  "SQLITE_IOERR",
  "SQLITE_FULL",
  "SQLITE_CANTOPEN",
  "SQLITE_READONLY",
]);

/** The database, or the rows that are needed, cannot be used at the moment. The request may succeed later. */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isRetryable(error)) return true;
  if (error.name === "KnexTimeoutError" || error.message === "aborted") return true;
  const code = errorCode(error);
  if (code !== undefined && (DOWN_CODES.has(code) || code.startsWith("SQLITE_IOERR"))) return true;
  return /Connection lost|closed state|Can't add new command|pool is draining|Unable to acquire a connection/.test(error.message);
}
