import type { Request, Response } from "express";
import type { Knex } from "knex";
import { ServiceError } from "../platform/errors.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { deviceName } from "./device-name.ts";
import { DEVICE_LIFE_MS } from "./device-store.ts";
import { changedMail } from "./mails.ts";
import { hasTwoFactor, normaliseEmail, type Person } from "./person.ts";
import type { Trying } from "./sign-in-limits.ts";
import { SESSION_LIFE_MS, type SignIn } from "./sign-in-store.ts";
import { STEP_LIFE_MS } from "./step-store.ts";

export type SignedIn = { person: Person; session: SignIn; token: string };

/** @throws ServiceError `signed_out` */
export async function requireSession(deps: AccountsDependencies, request: Request): Promise<SignedIn> {
  const token = deps.cookies.read(request, "session");
  const found = token === null ? null : await deps.signIns.find(token, deps.now());
  if (!found || token === null) throw new ServiceError("signed_out");
  await deps.signIns.touch(found.session, deps.now());
  return { ...found, token };
}

/**
 * Checks an address and a password. The same happens, and takes as long, whether the address has an account or not.
 * @throws ServiceError `sign_in_wrong`, `too_many_requests`
 */
export async function checkPassword(
  deps: AccountsDependencies,
  request: Request,
  { email, password }: { email: string; password: string },
): Promise<Person> {
  const { people, passwords, limits, metrics, logger } = deps;
  const person = await people.byEmail(normaliseEmail(email));
  const giveBack = await limits.takePassword(await tryingOf(deps, request, normaliseEmail(email), person));
  if (!(await passwords.isRight(password, person?.passwordHash ?? null)) || !person) {
    metrics.signIn("wrong_password");
    logger.info({ personId: person?.id ?? null, address: request.ip }, "sign-in refused");
    throw new ServiceError("sign_in_wrong");
  }
  await giveBack();
  return person;
}

/** As the limits count: by browser if the person is known in it. */
export async function tryingOf(
  { devices, cookies, now }: AccountsDependencies,
  request: Request,
  email: string,
  person: Person | null,
): Promise<Trying> {
  const deviceId = await devices.find(cookies.read(request, "device"), person?.id ?? null, now());
  return { email, address: request.ip ?? "", deviceId };
}

/** After the password was right: signs in, or asks for the code. Returns whether the person is signed in. */
export async function signInOrAskForCode(
  deps: AccountsDependencies,
  request: Request,
  response: Response,
  person: Person,
): Promise<boolean> {
  if (!hasTwoFactor(person)) {
    await openSession(deps, request, response, person);
    return true;
  }
  deps.cookies.write(response, "step", await deps.steps.begin(person.id, deps.now()), STEP_LIFE_MS);
  return false;
}

/** A new password: every session ends, every browser is unknown again, and links for a new password are good no more. */
export async function replacePassword(
  { people, signIns, devices, resets, mail, logger }: AccountsDependencies,
  trx: Knex.Transaction,
  { person, hash, nowMs }: { person: Person; hash: string; nowMs: number },
): Promise<void> {
  await people.setPassword(trx, person.id, hash, nowMs);
  await signIns.endAll(trx, person.id, nowMs);
  await devices.forgetAll(trx, person.id);
  await resets.endAll(trx, person.id);
  if (mail.isSetUp) await mail.queueMail(trx, { to: person.email, ...changedMail("password"), siteId: null });
  logger.info({ personId: person.id }, "password changed");
}

/** Signs in: with a new token, whatever cookie the browser came with, and the session of that cookie ends. */
export async function openSession(deps: AccountsDependencies, request: Request, response: Response, person: Person): Promise<void> {
  const { database, signIns, devices, cookies, metrics, now, logger } = deps;
  const nowMs = now();
  const old = cookies.read(request, "session");
  if (old !== null) await signIns.endByToken(old, nowMs);
  const visit = { address: (request.ip ?? "").slice(0, 64), device: deviceName(request.get("User-Agent") ?? "") };
  const { session, device } = await database.knex.transaction(async (trx) => ({
    session: await signIns.start(trx, { personId: person.id, ...visit, nowMs }),
    device: await devices.remember(trx, cookies.read(request, "device"), person.id, nowMs),
  }));
  cookies.write(response, "session", session.token, SESSION_LIFE_MS);
  cookies.write(response, "device", device, DEVICE_LIFE_MS);
  cookies.clear(response, "step");
  metrics.signIn("signed_in");
  logger.info({ personId: person.id, signInId: session.id }, "signed in");
}
