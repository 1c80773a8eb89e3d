import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { ServiceError } from "../platform/errors.ts";

const argon2Async = promisify(argon2);

/** OWASP's least for Argon2id: 19 MiB, two passes, one lane. On one core that is some tens of milliseconds. */
const COST = { memory: 19_456, passes: 2, parallelism: 1 };
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Each takes 19 MiB and a thread. The pool has four, which file and DNS access share. */
const AT_ONCE_MAX = 2;
/** Over a second of work. Whoever comes then is asked to come back, so that a flood of sign-ins cannot fill the memory. */
const WAITING_MAX = 60;

const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/;

/** Hashes passwords and backup codes with Argon2id, in the form `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. */
export type Passwords = {
  /** @throws ServiceError `unavailable` if too many wait */
  hash(password: string, salt?: Buffer): Promise<string>;
  /**
   * @param stored null takes as long as a real one and is never right, so that nobody learns by time which addresses have an account
   * @throws ServiceError `unavailable` if too many wait
   */
  isRight(password: string, stored: string | null): Promise<boolean>;
};

export function newSalt(): Buffer {
  return randomBytes(SALT_BYTES);
}

export function createPasswords(): Passwords {
  const inTurn = createTurns();
  /** Nobody knows a password for it. */
  const nobodys = format(COST, newSalt(), randomBytes(HASH_BYTES));
  return {
    async hash(password, salt = newSalt()) {
      return format(COST, salt, await inTurn(() => derive(password, salt, COST)));
    },
    async isRight(password, stored) {
      const { salt, hash, ...cost } = parse(stored ?? nobodys);
      const derived = await inTurn(() => derive(password, salt, cost));
      return timingSafeEqual(derived, hash) && stored !== null;
    },
  };
}

type Cost = typeof COST;

function derive(password: string, salt: Buffer, { memory, passes, parallelism }: Cost): Promise<Buffer> {
  return argon2Async("argon2id", { message: password, nonce: salt, memory, passes, parallelism, tagLength: HASH_BYTES });
}

function format({ memory, passes, parallelism }: Cost, salt: Buffer, hash: Buffer): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** The salt of a stored hash: for codes that share one. */
export function saltOf(stored: string): Buffer {
  return parse(stored).salt;
}

function parse(stored: string): Cost & { salt: Buffer; hash: Buffer } {
  const [, memory, passes, parallelism, salt, hash] = PHC.exec(stored) ?? [];
  if (salt === undefined || hash === undefined) throw new Error("a stored password hash cannot be read");
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  return { ...cost, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}

/** Runs a few at once, the others in their order. */
function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (waiting.length >= WAITING_MAX) throw new ServiceError("unavailable", { retryAfterMs: 2_000 });
    if (running >= AT_ONCE_MAX) await new Promise<void>((resolve) => void waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      // Its place is handed on: `running` stays.
      if (next) next();
      else running -= 1;
    }
  };
}
