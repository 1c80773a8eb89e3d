import { Router, type Request } from "express";
import { parseOrThrow } from "../platform/error-handler.ts";
import { ServiceError } from "../platform/errors.ts";
import { requireRecentPassword } from "../sites/api-caller.ts";
import { changePasswordSchema, codeSchema, type SignInView } from "./accounts-contract.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { changedMail } from "./mails.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { hasTwoFactor, type Person } from "./person.ts";
import { ownPage, requirePassword } from "./sign-in-router.ts";
import { endOf, type SignIn } from "./sign-in-store.ts";
import { openSession, replacePassword, requireSession, tryingOf } from "./sign-in.ts";
import { beginTwoFactor, checkCode, useTotp } from "./two-factor.ts";

/** What somebody who is signed in sees and changes of the own account. */
export function createOwnAccountRouter(deps: AccountsDependencies): Router {
  const { people, signIns, passwords, database, mail, now, logger } = deps;
  const router = Router();
  const guard = ownPage(deps);

  router.get("/dashboard/sign-ins", guard, async (request, response) => {
    const { person, session } = await requireSession(deps, request);
    const found = await signIns.ofPerson(person.id);
    response.json({ data: found.map((signIn) => viewSignIn(signIn, session.id, now())) });
  });

  router.delete("/dashboard/sign-ins/:signInId", guard, async (request, response) => {
    const { person } = await requireSession(deps, request);
    if (!(await signIns.end(person.id, String(request.params["signInId"]), now()))) throw new ServiceError("not_found");
    response.status(204).end();
  });

  router.post("/dashboard/password", guard, async (request, response) => {
    const { current, next } = parseOrThrow(changePasswordSchema, request.body);
    const { person } = await requireSession(deps, request);
    await requirePassword(deps, request, person, current);
    requireGoodPassword(next, [person.email, person.name]);
    const hash = await passwords.hash(next);
    await database.knex.transaction((trx) => replacePassword(deps, trx, { person, hash, nowMs: now() }));
    await openSession(deps, request, response, person);
    response.status(204).end();
  });

  router.post("/dashboard/two-factor", guard, async (request, response) => {
    const { person, session } = await requireSession(deps, request);
    requireRecentPassword(session, now());
    response.json(await beginTwoFactor(deps, person));
  });

  router.post("/dashboard/two-factor/confirm", guard, async (request, response) => {
    const { code } = parseOrThrow(codeSchema, request.body);
    const { person } = await requireSession(deps, request);
    if (hasTwoFactor(person) || person.totpSecret === null)
      throw new ServiceError("two_factor_state", { detail: "There is no new authenticator app to confirm." });
    await requireCode(deps, request, person, () => useTotp(deps, person, code.replaceAll(/\s/g, "")));
    await database.knex.transaction(async (trx) => {
      if (!(await people.confirmTotp(trx, person, now()))) throw new ServiceError("two_factor_state");
      if (mail.isSetUp) await mail.queueMail(trx, { to: person.email, ...changedMail("two_factor_on"), siteId: null });
    });
    logger.info({ personId: person.id }, "two-factor sign-in is on");
    response.status(204).end();
  });

  router.delete("/dashboard/two-factor", guard, async (request, response) => {
    const { code } = parseOrThrow(codeSchema, request.body);
    const { person } = await requireSession(deps, request);
    if (!hasTwoFactor(person)) throw new ServiceError("two_factor_state", { detail: "Two-factor sign-in is off already." });
    await requireCode(deps, request, person, () => checkCode(deps, person, code));
    await database.knex.transaction(async (trx) => {
      await people.endTotp(trx, person.id);
      if (mail.isSetUp) await mail.queueMail(trx, { to: person.email, ...changedMail("two_factor_off"), siteId: null });
    });
    logger.info({ personId: person.id }, "two-factor sign-in is off");
    response.status(204).end();
  });

  return router;
}

/** @throws ServiceError `code_wrong`, `too_many_requests` */
async function requireCode(deps: AccountsDependencies, request: Request, person: Person, isRight: () => Promise<boolean>): Promise<void> {
  const giveBack = await deps.limits.takeCode(await tryingOf(deps, request, person.email, person));
  if (!(await isRight())) throw new ServiceError("code_wrong");
  await giveBack();
}

function viewSignIn(signIn: SignIn, currentId: string, nowMs: number): SignInView {
  const { id, createdAtMs, lastSeenAtMs, address, device } = signIn;
  const endMs = endOf(signIn);
  const view = { id, at: createdAtMs, lastSeenAt: lastSeenAtMs, address, device, current: id === currentId };
  return endMs <= nowMs ? { ...view, ended: endMs } : view;
}
