import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below the ports that systems give to outgoing connections and to servers on port 0, which other tests open all the time: one of those would be
 * taken again before the server that it is for listens.
 */
const FIRST = 15_000;
const END = 32_000;
const TRIES = 100;

/** A TCP port of 127.0.0.1 that was free a moment ago. Where a server can listen on port 0 itself, prefer that. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(FIRST, END);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port is free between ${FIRST} and ${END}`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
