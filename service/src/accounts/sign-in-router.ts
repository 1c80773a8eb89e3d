import { Router, type Request, type RequestHandler, type Response } from "express";
import { parseOrThrow } from "../platform/error-handler.ts";
import { ServiceError } from "../platform/errors.ts";
import { codeSchema, confirmSchema, signInSchema } from "./accounts-contract.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import type { Person } from "./person.ts";
import { requireOwnPage } from "./same-origin.ts";
import { viewSession } from "./session-view.ts";
import { SESSION_LIFE_MS } from "./sign-in-store.ts";
import { checkPassword, openSession, requireSession, signInOrAskForCode, tryingOf } from "./sign-in.ts";
import { checkCode } from "./two-factor.ts";

/** Every route of the dashboard's accounts: for the service's own pages only, never kept by a cache. */
export function ownPage({ cookies, ownOrigin }: Pick<AccountsDependencies, "cookies" | "ownOrigin">): RequestHandler {
  return (request, response, next) => {
    cookies.requireUsable();
    requireOwnPage(request, ownOrigin);
    // The widget's answers are for any page, these for none.
    response.set({ "Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin" });
    next();
  };
}

/** Signing in and out. */
export function createSignInRouter(deps: AccountsDependencies): Router {
  const { signIns, cookies, now, database } = deps;
  const router = Router();
  const guard = ownPage(deps);

  router.get("/dashboard/session", guard, async (request, response) => {
    const { person } = await requireSession(deps, request);
    response.json(await viewSession(deps, person));
  });

  router.post("/dashboard/sign-in", guard, async (request, response) => {
    const person = await checkPassword(deps, request, parseOrThrow(signInSchema, request.body));
    await answerSignIn(deps, request, response, person);
  });

  router.post("/dashboard/sign-in/code", guard, async (request, response) => {
    const { code } = parseOrThrow(codeSchema, request.body);
    const person = await finishStep(deps, request, code);
    await openSession(deps, request, response, person);
    response.json(await viewSession(deps, person));
  });

  router.post("/dashboard/confirm", guard, async (request, response) => {
    const { password } = parseOrThrow(confirmSchema, request.body);
    const { person, session } = await requireSession(deps, request);
    await requirePassword(deps, request, person, password);
    cookies.write(response, "session", await signIns.renew(session.id, now()), SESSION_LIFE_MS);
    response.status(204).end();
  });

  router.post("/dashboard/sign-out", guard, async (request, response) => {
    const token = cookies.read(request, "session");
    if (token !== null) await signIns.endByToken(token, now());
    clearSession(deps, response);
    response.status(204).end();
  });

  router.post("/dashboard/sign-out-everywhere", guard, async (request, response) => {
    const { person } = await requireSession(deps, request);
    await signIns.endAll(database.knex, person.id, now());
    clearSession(deps, response);
    response.status(204).end();
  });

  return router;
}

/** 200 with the session, or `{ twoFactor: true }` if the code comes next. */
export async function answerSignIn(deps: AccountsDependencies, request: Request, response: Response, person: Person): Promise<void> {
  const isIn = await signInOrAskForCode(deps, request, response, person);
  response.json(isIn ? await viewSession(deps, person) : { twoFactor: true });
}

/**
 * The password of whoever is signed in already.
 * @throws ServiceError `password_wrong`, `too_many_requests`
 */
export async function requirePassword(deps: AccountsDependencies, request: Request, person: Person, password: string): Promise<void> {
  const giveBack = await deps.limits.takePassword(await tryingOf(deps, request, person.email, person));
  if (!(await deps.passwords.isRight(password, person.passwordHash))) throw new ServiceError("password_wrong");
  await giveBack();
}

/** The browser stays known: the next sign-in there must not be locked out. */
function clearSession({ cookies }: AccountsDependencies, response: Response): void {
  cookies.clear(response, "session");
  cookies.clear(response, "step");
}

/** @throws ServiceError `signed_out` if the password must be given again, `code_wrong`, `too_many_requests` */
async function finishStep(deps: AccountsDependencies, request: Request, code: string): Promise<Person> {
  const { steps, people, limits, cookies, metrics, database, now, logger } = deps;
  const token = cookies.read(request, "step");
  const step = token === null ? null : await steps.find(token, now());
  const person = step && (await people.byId(step.personId));
  if (!step || !person) throw new ServiceError("signed_out");
  const giveBack = await limits.takeCode(await tryingOf(deps, request, person.email, person));
  if (!(await steps.countTry(step.id))) throw new ServiceError("signed_out");
  if (!(await checkCode(deps, person, code))) {
    metrics.signIn("wrong_code");
    logger.info({ personId: person.id, address: request.ip }, "code refused");
    throw new ServiceError("code_wrong");
  }
  await giveBack();
  if (!(await database.knex.transaction((trx) => steps.finish(trx, step.id)))) throw new ServiceError("signed_out");
  return person;
}
