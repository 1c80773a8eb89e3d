import { randomBytes } from "node:crypto";
import { createConnection } from "mysql2/promise";

/** A database for one test. */
export interface TestDatabase {
  /** mysql://user:password@127.0.0.1:port/name */
  readonly url: string;
  readonly name: string;
  drop(): Promise<void>;
}

/**
 * Creates an empty database on the server of `adminUrl`, by default under a unique name.
 * In a test file: `createTestDatabase(inject("mariadbUrl"))`.
 */
export async function createTestDatabase(adminUrl: string, name = `test_${randomBytes(6).toString("hex")}`): Promise<TestDatabase> {
  if (!/^\w{1,64}$/.test(name)) throw new Error(`not a database name: ${name}`);
  await run(adminUrl, `create database \`${name}\``);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.href, name, drop: () => run(adminUrl, `drop database if exists \`${name}\``) };
}

async function run(url: string, statement: string): Promise<void> {
  const connection = await createConnection(url);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}
