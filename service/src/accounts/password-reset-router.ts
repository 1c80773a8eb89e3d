import { Router, type Request } from "express";
import { z } from "zod";
import { parseOrThrow } from "../platform/error-handler.ts";
import { ServiceError } from "../platform/errors.ts";
import { askResetSchema, newPasswordSchema } from "./accounts-contract.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { resetMail } from "./mails.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { normaliseEmail, type Person } from "./person.ts";
import { answerSignIn, ownPage } from "./sign-in-router.ts";
import { replacePassword } from "./sign-in.ts";

/** For whoever has forgotten the password. */
export function createPasswordResetRouter(deps: AccountsDependencies): { router: Router; settled(): Promise<void> } {
  const { limits, logger } = deps;
  const router = Router();
  const guard = ownPage(deps);
  const working = new Set<Promise<void>>();

  router.post("/dashboard/password-reset", guard, async (request, response) => {
    const { email } = parseOrThrow(askResetSchema, request.body);
    await limits.takeLink(request.ip ?? "");
    response.status(202).json({});
    // After the answer, so that its time does not tell whether there is such an account.
    const work = mailLink(deps, normaliseEmail(email))
      .catch((error: unknown) => logger.warn({ err: error }, "a link for a new password could not be made"))
      .finally(() => void working.delete(work));
    working.add(work);
  });

  router.post("/dashboard/password-reset/:token", guard, async (request, response) => {
    const { password } = parseOrThrow(newPasswordSchema, request.body);
    const person = await usePassword(deps, request, password);
    // The mailbox is one factor. Whoever has a second one is asked for it.
    await answerSignIn(deps, request, response, person);
  });

  return { router, settled: async () => void (await Promise.all(working)) };
}

async function mailLink(
  { people, resets, limits, mail, database, ownOrigin, now, logger }: AccountsDependencies,
  email: string,
): Promise<void> {
  const person = await people.byEmail(email);
  if (!person) return;
  if (!mail.isSetUp) {
    logger.warn(
      { personId: person.id },
      "somebody asks for a new password, but SMTP_URL is not set: somopay owner reset EMAIL prints a link",
    );
    return;
  }
  if (!(await limits.mayMailReset(email))) return;
  await database.knex.transaction(async (trx) => {
    const link = resetLink(ownOrigin, await resets.begin(trx, person.id, now()));
    await mail.queueMail(trx, { to: email, ...resetMail({ link }), siteId: null });
  });
  logger.info({ personId: person.id }, "a link for a new password is mailed");
}

/** Behind the #, so that the token is in no log of a proxy and in no Referer. */
export function resetLink(ownOrigin: string, token: string): string {
  return `${ownOrigin}/dashboard/reset#${token}`;
}

async function usePassword(deps: AccountsDependencies, request: Request, password: string): Promise<Person> {
  const { people, passwords, resets, limits, database, now } = deps;
  const giveBack = await limits.takeLink(request.ip ?? "");
  const { token } = parseOrThrow(z.object({ token: z.string() }), request.params);
  const reset = await resets.find(token, now());
  const person = reset && (await people.byId(reset.personId));
  if (!reset || !person) throw new ServiceError("reset_not_found");
  await giveBack();
  requireGoodPassword(password, [person.email, person.name]);
  const hash = await passwords.hash(password);
  await database.knex.transaction(async (trx) => {
    if (!(await resets.use(trx, reset.id))) throw new ServiceError("reset_not_found");
    await replacePassword(deps, trx, { person, hash, nowMs: now() });
  });
  return person;
}
