import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import knexFactory, { type Knex } from "knex";

export type DatabaseAddress = { kind: "mysql"; url: string } | { kind: "sqlite"; file: string };

export type Database = { knex: Knex; kind: DatabaseAddress["kind"]; close(): Promise<void> };

/** How long a request waits for a connection before it is told that the database is not there. */
const ACQUIRE_CONNECTION_TIMEOUT_MS = 5_000;
/** A dead server on the same network answers nothing; two seconds are long for a live one. */
const CONNECT_TIMEOUT_MS = 2_000;
const MYSQL_POOL_MAX = 16;
/**
 * A copy that loses power tells nobody, and its open transaction would hold its row locks for the server's 8 hours: the server ends a connection
 * that has been silent for this long. The pool lets go of idle ones after 30 s, so it never holds one that was ended.
 */
export const SILENT_CONNECTION_ENDED_AFTER_S = 60;
/** Instead of the server's 50 s: whoever waits for a row is tried again, and four times this must end before a request's caller gives up. */
const LOCK_WAIT_TIMEOUT_S = 2;
const SESSION_SETTINGS = [
  // Strict: a value that does not fit is refused, not cut.
  "SET SESSION sql_mode = 'TRADITIONAL'",
  `SESSION innodb_lock_wait_timeout = ${LOCK_WAIT_TIMEOUT_S}`,
  `SESSION wait_timeout = ${SILENT_CONNECTION_ENDED_AFTER_S}`,
].join(", ");

/** knex would print a failed connection as text between our lines, beside throwing it: whoever catches it logs it. */
const QUIET = { warn: () => undefined, error: () => undefined, debug: () => undefined, deprecate: () => undefined };

/** Opens the truth: MySQL or MariaDB by `mysql://…`, or a SQLite file (`:memory:` for tests). Nothing is asked of it yet. */
export function openDatabase(address: DatabaseAddress): Database {
  const knex = address.kind === "mysql" ? openMysql(address.url) : openSqlite(address.file);
  return { knex, kind: address.kind, close: () => knex.destroy() };
}

function openMysql(url: string): Knex {
  const { hostname, port, username, password, pathname } = new URL(url);
  return knexFactory({
    client: "mysql2",
    log: QUIET,
    connection: {
      host: decodeURIComponent(hostname.replace(/^\[|\]$/g, "")),
      port: port === "" ? 3306 : Number(port),
      user: decodeURIComponent(username),
      password: decodeURIComponent(password),
      database: decodeURIComponent(pathname.slice(1)),
      // No `charset`: mysql2's own default is utf8mb4, and named here knex would write it into every new table, whose collation were then the
      // character set's default one, which does not tell upper from lower case, instead of the database's utf8mb4_bin.
      timezone: "Z",
      connectTimeout: CONNECT_TIMEOUT_MS,
    },
    acquireConnectionTimeout: ACQUIRE_CONNECTION_TIMEOUT_MS,
    pool: {
      min: 0,
      max: MYSQL_POOL_MAX,
      afterCreate(connection: MysqlConnection, done: (error: unknown, connection: MysqlConnection) => void) {
        // Fewer gap locks, and every statement sees what others committed.
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
      // One writer at a time is what SQLite is; a second connection would only meet SQLITE_BUSY.
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

/** Where the databases name the key: at the end, after the statement (knex puts that in front) and after the value that is there already. */
const NAMED_KEY = /^.*(?: for key |UNIQUE constraint failed: )(.+)$/s;

/**
 * The unique key that a refused insert or update met, or null when the error is something else.
 * The answer is the database's own name for it: test it with `includes` for the column's or index's name.
 */
export function uniqueViolation(error: unknown): string | null {
  const code = errorCode(error);
  const isUnique = code === "ER_DUP_ENTRY" || code === "SQLITE_CONSTRAINT_UNIQUE" || code === "SQLITE_CONSTRAINT_PRIMARYKEY";
  return isUnique && error instanceof Error ? (NAMED_KEY.exec(error.message)?.[1] ?? "unnamed") : null;
}

/** Two transactions met, and the database chose this one to start again. */
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

/** The database cannot be used at the moment, or the rows cannot that are needed; the request may succeed later. */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isRetryable(error)) return true;
  if (error.name === "KnexTimeoutError" || error.message === "aborted") return true;
  const code = errorCode(error);
  if (code !== undefined && (DOWN_CODES.has(code) || code.startsWith("SQLITE_IOERR"))) return true;
  return /Connection lost|closed state|Can't add new command|pool is draining|Unable to acquire a connection/.test(error.message);
}
