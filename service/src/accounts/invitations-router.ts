import { Router, type Request } from "express";
import { z } from "zod";
import { uniqueViolation } from "../platform/database.ts";
import { parseOrThrow } from "../platform/error-handler.ts";
import { ServiceError } from "../platform/errors.ts";
import { acceptSchema } from "./accounts-contract.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { requireGoodPassword } from "./password-rules.ts";
import type { Invitation, Person } from "./person.ts";
import { answerSignIn, ownPage } from "./sign-in-router.ts";
import { checkPassword } from "./sign-in.ts";

/** What the link of an invitation leads to. */
export function createInvitationsRouter(deps: AccountsDependencies): Router {
  const { people, sites } = deps;
  const router = Router();
  const guard = ownPage(deps);

  router.get("/dashboard/invitations/:token", guard, async (request, response) => {
    const { email, siteId, role } = await invitationOf(deps, request, tokenOf(request));
    const site = await sites.byId(siteId);
    response.json({ email, siteName: site?.name ?? "", role, needsAccount: (await people.byEmail(email)) === null });
  });

  router.post("/dashboard/invitations/:token", guard, async (request, response) => {
    const wish = parseOrThrow(acceptSchema, request.body);
    const invitation = await invitationOf(deps, request, tokenOf(request));
    await answerSignIn(deps, request, response, await accept(deps, request, invitation, wish));
  });

  return router;
}

const linkSchema = z.object({ token: z.string() });

function tokenOf(request: Request): string {
  return parseOrThrow(linkSchema, request.params).token;
}

async function invitationOf({ staff, limits, now }: AccountsDependencies, request: Request, token: string): Promise<Invitation> {
  const giveBack = await limits.takeLink(request.ip ?? "");
  const found = await staff.findInvitation(token, now());
  if (!found) throw new ServiceError("invitation_not_found");
  await giveBack();
  return found;
}

/**
 * Makes the account if there is none, or takes the password of the one that there is: whoever has the link alone must not become that person.
 * A second factor is asked for after, as at every sign-in.
 */
async function accept(
  deps: AccountsDependencies,
  request: Request,
  invitation: Invitation,
  { name, password }: { name?: string | undefined; password?: string | undefined },
): Promise<Person> {
  const { people, passwords, staff, database, sites, ids, now, logger } = deps;
  const { email, siteId, role } = invitation;
  if (password === undefined) throw missing("password");
  const known = await people.byEmail(email);
  if (known) await checkPassword(deps, request, { email, password });
  else {
    if (name === undefined) throw missing("name");
    requireGoodPassword(password, [email, name, (await sites.byId(siteId))?.name ?? ""]);
  }
  const nowMs = now();
  const person = known ?? {
    id: ids.next("person"),
    email,
    name: name ?? "",
    passwordHash: await passwords.hash(password),
    passwordChangedAtMs: nowMs,
    totpSecret: null,
    totpConfirmedAtMs: null,
    createdAtMs: nowMs,
  };
  try {
    await database.knex.transaction(async (trx) => {
      if (!(await staff.useInvitation(trx, invitation.id, nowMs))) throw new ServiceError("invitation_not_found");
      if (!known) await people.insert(trx, person);
      await staff.join(trx, { siteId, personId: person.id, role, nowMs });
    });
  } catch (error) {
    // Another invitation for the address was accepted meanwhile: the page asks again, and then for that account's password.
    if (uniqueViolation(error) !== null) throw new ServiceError("sign_in_wrong", { cause: error });
    throw error;
  }
  logger.info({ personId: person.id, siteId, role }, "invitation accepted");
  return person;
}

function missing(field: string): ServiceError {
  return new ServiceError("invalid_request", { errors: [{ field, message: "is required" }], detail: `${field}: is required` });
}
