import { randomInt } from "node:crypto";
import { generateSecret, generateURI, verify } from "otplib";
import { z } from "zod";
import { ServiceError } from "../platform/errors.ts";
import { seal, unseal } from "../platform/secret-box.ts";
import type { NewTwoFactor } from "./accounts-contract.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { newSalt, saltOf } from "./passwords.ts";
import type { Person } from "./person.ts";

type Deps = Pick<AccountsDependencies, "people" | "passwords" | "database" | "secretsKey" | "ids" | "now" | "logger">;

/** A phone's clock may be half a minute wrong. */
const CLOCK_TOLERANCE_S = 30;
const BACKUP_CODES = 10;
/** Ten of 31 letters and digits are 49 bits, without letters that are mistaken for others. */
const BACKUP_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789";
const BACKUP_LENGTH = 10;

/**
 * Whether this is the app's code of now, or a backup code. Each counts once: the app's time step is marked as used before anything else happens, so of
 * two requests with one code only one goes on.
 */
export async function checkCode(deps: Deps, person: Person, code: string): Promise<boolean> {
  const plain = code.replaceAll(/[\s-]/g, "").toLowerCase();
  return /^\d{6}$/.test(plain) ? useTotp(deps, person, plain) : useBackupCode(deps, person, plain);
}

/** Also before the app is confirmed. */
export async function useTotp(deps: Deps, person: Person, code: string): Promise<boolean> {
  const { people, secretsKey, now } = deps;
  if (person.totpSecret === null || secretsKey === null || !/^\d{6}$/.test(code)) return false;
  const secret = readSecret(deps, person.totpSecret, secretsKey, person.id);
  if (secret === null) return false;
  const result = await verify({ secret, token: code, epoch: Math.floor(now() / 1_000), epochTolerance: CLOCK_TOLERANCE_S });
  return result.valid && "timeStep" in result && people.useTotpStep(person.id, result.timeStep);
}

/** null: backup codes still work. */
function readSecret({ logger }: Deps, sealed: string, secretsKey: Buffer, personId: string): string | null {
  try {
    return unseal(secretsKey, sealed, contextOf(personId));
  } catch (error) {
    logger.error({ err: error, personId }, "an authenticator secret cannot be read");
    return null;
  }
}

const backupRows = z.array(z.object({ id: z.string(), code_hash: z.string() }));

async function useBackupCode({ passwords, database: { knex } }: Deps, person: Person, code: string): Promise<boolean> {
  const codes = backupRows.parse(await knex("backup_codes").where({ person_id: person.id }));
  const [first] = codes;
  if (!first || code.length !== BACKUP_LENGTH) return false;
  const hash = await passwords.hash(code, saltOf(first.code_hash));
  const match = codes.find(({ code_hash: known }) => known === hash);
  return match !== undefined && (await knex("backup_codes").where({ id: match.id }).delete()) > 0;
}

/**
 * Makes a secret for the app, which counts once a code of it was shown, and backup codes. They are shown this once.
 * @throws ServiceError `two_factor_not_set_up`, `two_factor_state`
 */
export async function beginTwoFactor(deps: Deps, person: Person): Promise<NewTwoFactor> {
  const { people, passwords, database, secretsKey, ids } = deps;
  if (secretsKey === null) throw new ServiceError("two_factor_not_set_up");
  const secret = generateSecret();
  const backupCodes = Array.from({ length: BACKUP_CODES }, newBackupCode);
  const salt = newSalt();
  const hashes = await Promise.all(backupCodes.map((code) => passwords.hash(code.replace("-", ""), salt)));
  const codes = hashes.map((hash) => ({ id: ids.next("code"), hash }));
  const sealed = seal(secretsKey, secret, contextOf(person.id));
  if (!(await database.knex.transaction((trx) => people.beginTotp(trx, person.id, sealed, codes))))
    throw new ServiceError("two_factor_state", { detail: "Two-factor sign-in is on already." });
  return { uri: generateURI({ issuer: "SomoPay", label: person.email, secret }), secret, backupCodes };
}

/** Binds a secret to its person: moved to another row it cannot be read. */
function contextOf(personId: string): string {
  return `totp:${personId}`;
}

function newBackupCode(): string {
  const letters = Array.from({ length: BACKUP_LENGTH }, () => BACKUP_ALPHABET.charAt(randomInt(BACKUP_ALPHABET.length))).join("");
  return `${letters.slice(0, BACKUP_LENGTH / 2)}-${letters.slice(BACKUP_LENGTH / 2)}`;
}
