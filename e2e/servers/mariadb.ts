import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createTestDatabase } from "./databases.ts";
import { findProgram } from "./find-program.ts";
import { freePort } from "./free-port.ts";
import { mariaDb as mariaDbProgram } from "./programs.ts";
import { RestartableServer } from "./restartable-server.ts";
import { startServerProcess } from "./server-process.ts";

const user = "somopay";
const password = "somopay";
const databaseName = "somopay";

/** Several test files, each with pools of its own, share one server. */
const maxConnections = 500;

/** Run at every start, before the first connection is taken; the server listens on the loopback address only. */
const initSql = [
  `create database if not exists ${databaseName};`,
  `create user if not exists '${user}'@'%' identified by '${password}';`,
  `grant all on *.* to '${user}'@'%' with grant option;`,
  "",
].join("\n");

/** A private MariaDB (or MySQL) that a test may kill. */
export interface PrivateMariaDb {
  /** mysql://user:password@127.0.0.1:port/somopay: a user with every right. The same after a restart. */
  readonly url: string;
  readonly port: number;
  /** Of the present run, or of the last one. */
  readonly pid: number;
  readonly dataDir: string;
  /** Stops it and removes its data. */
  stop(): Promise<void>;
  /** Kills it with SIGKILL. Its data stay for `restart`. */
  kill9(): Promise<void>;
  /** Stops it if it runs, and starts it again on the same data and port. */
  restart(): Promise<void>;
  /** Creates an empty database and returns its URL. */
  createDatabase(name?: string): Promise<string>;
}

export interface PrivateMariaDbOptions {
  /** Instead of the first one that is installed. */
  readonly program?: string;
  /** Run at every start before the user is made. */
  readonly initFirst?: string;
  /** Further server options, such as `--innodb-flush-log-at-trx-commit=0`. Without them every commit is on the disk. A function is asked at each start. */
  readonly args?: readonly string[] | ((server: ServerFiles) => readonly string[]);
}

/** A server that is about to start. */
export interface ServerFiles {
  readonly program: string;
  readonly dataDir: string;
}

/** Starts an empty server on a free port of 127.0.0.1, its files in a temporary folder. Throws when there is no server program. */
export async function startMariaDb(options: PrivateMariaDbOptions = {}): Promise<PrivateMariaDb> {
  const program = options.program ?? findProgram(mariaDbProgram.names);
  if (program === undefined) throw new Error(`no ${mariaDbProgram.names.join(" or ")} is installed`);
  const folder = await mkdtemp(join(tmpdir(), "somopay-mariadb-"));
  const dataDir = join(folder, "data");
  const port = await freePort();
  await mkdir(dataDir);
  await writeFile(join(folder, "init.sql"), `${options.initFirst ?? ""}\n${initSql}`);
  const flavour = flavourOf(program);
  createDataFiles(program, flavour, dataDir);

  const further = () => (typeof options.args === "function" ? options.args({ program, dataDir }) : (options.args ?? []));
  const start = () =>
    startServerProcess({
      label: "MariaDB",
      program,
      args: [...serverArgs(folder, dataDir, port), ...flavourArgs[flavour], ...further()],
      ready: /ready for connections/,
      folder,
    });
  const server = await RestartableServer.start(start, folder);
  const url = `mysql://${user}:${password}@127.0.0.1:${port}/${databaseName}`;

  return {
    url,
    port,
    get pid() {
      return server.pid;
    },
    dataDir,
    stop: server.stop,
    kill9: server.kill9,
    restart: server.restart,
    createDatabase: async (name) => (await createTestDatabase(url, name)).url,
  };
}

type Flavour = "mariadb" | "mysql";

const flavourArgs: Record<Flavour, readonly string[]> = { mariadb: ["--skip-ssl"], mysql: ["--mysqlx=OFF"] };

function flavourOf(program: string): Flavour {
  return execFileSync(program, ["--version"], { encoding: "utf8" }).includes("MariaDB") ? "mariadb" : "mysql";
}

/** These servers refuse to run as root without this option. For other users it only causes a warning. */
export const asRoot: readonly string[] = process.getuid?.() === 0 ? ["--user=root"] : [];

function serverArgs(folder: string, dataDir: string, port: number): string[] {
  return [
    "--no-defaults",
    ...asRoot,
    `--datadir=${dataDir}`,
    `--socket=${join(folder, "sock")}`,
    `--pid-file=${join(folder, "pid")}`,
    `--tmpdir=${folder}`,
    `--init-file=${join(folder, "init.sql")}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    `--max-connections=${maxConnections}`,
    // As in distributions; MariaDB's built-in default is latin1.
    "--character-set-server=utf8mb4",
    "--innodb-flush-log-at-trx-commit=1",
  ];
}

function createDataFiles(program: string, flavour: Flavour, dataDir: string): void {
  const common = ["--no-defaults", ...asRoot, `--datadir=${dataDir}`];
  const share = flavour === "mariadb" ? shareFolderOf(program) : undefined;
  if (flavour === "mysql") {
    execFileSync(program, [...common, "--initialize-insecure"], { stdio: ["ignore", "ignore", "pipe"] });
  } else if (share !== undefined) {
    bootstrap(program, common, share);
  } else {
    const install = findProgram(["mariadb-install-db", "mysql_install_db"]);
    if (install === undefined) throw new Error("no mariadb-install-db is installed");
    execFileSync(install, [...common, "--skip-test-db", "--auth-root-authentication-method=normal"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
  }
}

/**
 * The part of mariadb-install-db that tests need, in a third of a second. The script itself takes ten times as long (help texts, sys schema)
 * and needs my_print_defaults, which Debian's server package lacks.
 */
function bootstrap(program: string, common: readonly string[], share: string): void {
  const sql = [
    "create database mysql;",
    "use mysql;",
    ...["mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql"].map((file) =>
      readFileSync(join(share, file), "utf8"),
    ),
  ].join("\n");
  // If this fails the files are removed, so that they need not be durable.
  const quick = ["--bootstrap", "--log-warnings=0", "--innodb-flush-log-at-trx-commit=0", "--skip-innodb-doublewrite"];
  execFileSync(program, [...common, ...quick, `--lc-messages-dir=${share}`], { input: sql, stdio: ["pipe", "ignore", "pipe"] });
}

function shareFolderOf(program: string): string | undefined {
  const prefix = dirname(dirname(realpathSync(program)));
  const candidates = ["share/mysql", "share/mariadb", "share"].map((folder) => join(prefix, folder));
  return candidates.find((folder) => existsSync(join(folder, "mysql_system_tables.sql")));
}
