import { mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import knexFactory, { type Knex } from "knex";
import { z } from "zod";
import { parseMysqlAddress } from "./mysql-address.ts";

export type DatabaseAddress = { kind: "mysql"; url: string } | { kind: "sqlite"; file: string };

export type Database = { knex: Knex; kind: DatabaseAddress["kind"]; close(): Promise<void> };

/** How long a request waits for a connection before the database counts as down. */
const ACQUIRE_CONNECTION_TIMEOUT_MS = 5_000;
/** A live server on the same network answers in far less than two seconds; a dead one never does. */
const CONNECT_TIMEOUT_MS = 2_000;
const MYSQL_POOL_MAX = 16;
/** How often a connection is tried again that the server has no room for. */
const CONNECTION_RETRY_MS = 100;
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
  return address.kind === "mysql" ? openMysql(address.url) : openSqlite(address.file);
}

function openMysql(url: string): Database {
  /**
   * How often the server has said that it is read-only, as after a failover. Connections from before still lead to the demoted server, whereas a new
   * one is made to the server that the host's name leads to now.
   */
  let demotions = 0;
  const openedAfter = new WeakMap<MysqlConnection, number>();
  const knex = knexFactory({
    client: "mysql2",
    compileSqlOnError: false,
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
        openedAfter.set(connection, demotions);
        // Fewer gap locks, and every statement sees what other transactions committed.
        connection.query("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", (isolationError: unknown) => {
          if (isolationError) return done(isolationError, connection);
          connection.query(SESSION_SETTINGS, (settingsError: unknown) => done(settingsError, connection));
        });
      },
      // Asked before a connection is lent out; the pool closes one that is no longer valid, and opens another.
      validate: (connection: MysqlConnection) => openedAfter.get(connection) === demotions,
    },
  });
  knex.on("query-error", (error: unknown) => {
    if (READ_ONLY_CODES.has(errorCode(error) ?? "")) demotions += 1;
  });
  const stopWaiting = waitForRoom(mysqlClientSchema.parse(knex.client));
  return {
    knex,
    kind: "mysql",
    close() {
      stopWaiting();
      return knex.destroy();
    },
  };
}

type MysqlConnection = { query(sql: string, done: (error: unknown) => void): void };

type MysqlClient = { acquireRawConnection(): Promise<MysqlConnection>; pool: { numPendingAcquires(): number } };

const mysqlClientSchema = z.custom<MysqlClient>(
  (client) => typeof client === "object" && client !== null && "acquireRawConnection" in client && "pool" in client,
);

/** The server or the account has no connection left. Ours come back after each statement, so whoever waits gets one, unless all are elsewhere. */
const NO_CONNECTION_LEFT = new Set(["ER_CON_COUNT_ERROR", "ER_TOO_MANY_USER_CONNECTIONS", "ER_USER_LIMIT_REACHED"]);

/**
 * Lets the pool wait for a connection that the server refuses for want of room. By itself the pool would hand the refusal to whoever has waited
 * longest, although it has connections that are free a moment later. Any other refusal is passed on at once.
 * @returns a function that ends the waiting
 */
function waitForRoom(client: MysqlClient): () => void {
  const connect = client.acquireRawConnection.bind(client);
  let isClosing = false;
  client.acquireRawConnection = async () => {
    const giveUpAtMs = performance.now() + ACQUIRE_CONNECTION_TIMEOUT_MS;
    for (;;) {
      try {
        return await connect();
      } catch (error) {
        const isWaitedFor = !isClosing && client.pool.numPendingAcquires() > 0 && performance.now() < giveUpAtMs;
        if (!isWaitedFor || !NO_CONNECTION_LEFT.has(errorCode(error) ?? "")) throw error;
      }
      await delay(CONNECTION_RETRY_MS);
    }
  };
  return () => {
    isClosing = true;
  };
}

function openSqlite(file: string): Database {
  if (file !== ":memory:") mkdirSync(dirname(resolve(file)), { recursive: true });
  const knex = knexFactory({
    client: "better-sqlite3",
    compileSqlOnError: false,
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
  return { knex, kind: "sqlite", close: () => knex.destroy() };
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

const CONFLICT_CODES = new Set([
  "ER_LOCK_DEADLOCK",
  "ER_LOCK_WAIT_TIMEOUT",
  "ER_CHECKREAD",
  // Group Replication: another member has committed a conflicting change. (Galera says ER_LOCK_DEADLOCK, at the commit.)
  "ER_TRANSACTION_ROLLBACK_DURING_COMMIT",
]);

/** Two transactions conflicted, and the database chose this one to be retried. */
export function isRetryable(error: unknown): boolean {
  const code = errorCode(error) ?? "";
  return CONFLICT_CODES.has(code) || code.startsWith("SQLITE_BUSY");
}

/** The server became a replica, or was made read-only. */
const READ_ONLY_CODES = new Set(["ER_OPTION_PREVENTS_STATEMENT", "ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION", "ER_READ_ONLY_MODE"]);

const DOWN_CODES = new Set([
  ...READ_ONLY_CODES,
  ...NO_CONNECTION_LEFT,
  // There is no connection, or it is gone.
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
  "ER_CLIENT_INTERACTION_TIMEOUT",
  "ER_HOST_IS_BLOCKED",
  "ER_HOST_NOT_PRIVILEGED",
  "ER_SERVER_ISNT_AVAILABLE",
  // Galera: this node has not joined the others yet.
  "ER_UNKNOWN_COM_ERROR",
  // The account may not, at the moment: panels take rights away from an account that is over its quota.
  "ER_ACCESS_DENIED_ERROR",
  "ER_ACCESS_DENIED_NO_PASSWORD_ERROR",
  "ER_ACCOUNT_HAS_BEEN_LOCKED",
  "ER_MUST_CHANGE_PASSWORD",
  "ER_MUST_CHANGE_PASSWORD_LOGIN",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_TABLEACCESS_DENIED_ERROR",
  "ER_BAD_DB_ERROR",
  // The server has no room or memory, or gave this statement up.
  "ER_DISK_FULL",
  "ER_RECORD_FILE_FULL",
  "ER_GET_ERRNO",
  "ER_OUTOFMEMORY",
  "ER_OUT_OF_RESOURCES",
  "ER_CANT_CREATE_THREAD",
  "ER_LOCK_TABLE_FULL",
  "ER_TOO_MANY_CONCURRENT_TRXS",
  "ER_ERROR_DURING_COMMIT",
  "ER_QUERY_INTERRUPTED",
  "ER_QUERY_TIMEOUT",
  // Group replication refused the commit.
  "ER_RUN_HOOK_ERROR",
]);

/** MariaDB's ER_CONNECTION_KILLED, which mysql2 has no name for. */
const CONNECTION_KILLED_ERRNO = 1927;

/** With the further words that SQLite's codes may have. */
const SQLITE_DOWN = /^SQLITE_(IOERR|FULL|CANTOPEN|READONLY|NOMEM|PROTOCOL|LOCKED|PERM)/;

/** The database, or the rows that are needed, cannot be used at the moment. The request may succeed later. */
export function isDatabaseDown(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isRetryable(error) || endedConnection(error)) return true;
  if (error.name === "KnexTimeoutError" || error.message === "aborted") return true;
  const code = errorCode(error);
  if (code !== undefined && (DOWN_CODES.has(code) || SQLITE_DOWN.test(code))) return true;
  return /Connection lost|closed state|Can't add new command|pool is draining|Unable to acquire a connection/.test(error.message);
}

/** mysql2 calls an error fatal if it ended the connection, or kept one from coming about: TLS and the login included. */
function endedConnection(error: Error): boolean {
  return ("fatal" in error && error.fatal === true) || ("errno" in error && error.errno === CONNECTION_KILLED_ERRNO);
}
