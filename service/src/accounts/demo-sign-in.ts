import { randomBytes } from "node:crypto";
import { Router } from "express";
import { uniqueViolation } from "../platform/database.ts";
import { ServiceError } from "../platform/errors.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import type { Person } from "./person.ts";
import { ownPage } from "./sign-in-router.ts";
import { viewSession } from "./session-view.ts";
import { openSession } from "./sign-in.ts";

/** The owner whom the demo signs in by one click, and the publishable key of the owner's site. */
export type DemoOwner = { email: string; name: string; publishableKey: string };

/** `POST /dashboard/demo-sign-in`. The person is made at the first click, with a password that nobody knows. */
export function createDemoSignInRouter(deps: AccountsDependencies, owner: DemoOwner): Router {
  const router = Router();
  router.post("/dashboard/demo-sign-in", ownPage(deps), async (request, response) => {
    const person = (await deps.people.byEmail(owner.email)) ?? (await makeOwner(deps, owner));
    await openSession(deps, request, response, person);
    response.json(await viewSession(deps, person));
  });
  return router;
}

async function makeOwner(deps: AccountsDependencies, { email, name, publishableKey }: DemoOwner): Promise<Person> {
  const { people, staff, sites, passwords, database, ids, now } = deps;
  const site = await sites.byPublishableKey(publishableKey);
  if (!site) throw new ServiceError("site_not_found");
  const nowMs = now();
  const passwordHash = await passwords.hash(randomBytes(32).toString("hex"));
  const noTotp = { totpSecret: null, totpConfirmedAtMs: null };
  const person: Person = { id: ids.next("person"), email, name, passwordHash, passwordChangedAtMs: nowMs, ...noTotp, createdAtMs: nowMs };
  try {
    await database.knex.transaction(async (trx) => {
      await people.insert(trx, person);
      await staff.join(trx, { siteId: site.id, personId: person.id, role: "owner", nowMs });
    });
    return person;
  } catch (error) {
    // Two first clicks at once.
    const made = uniqueViolation(error) === null ? null : await people.byEmail(email);
    if (!made) throw error;
    return made;
  }
}
