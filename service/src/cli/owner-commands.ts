/** The operator's commands for owners: `somopay owner invite | reset | sign-out`. */
import { emailSchema } from "../accounts/accounts-contract.ts";
import { inviteToSite } from "../accounts/invite.ts";
import { resetLink } from "../accounts/password-reset-router.ts";
import { createPeopleStore } from "../accounts/people-store.ts";
import { normaliseEmail, type Person } from "../accounts/person.ts";
import { createResetStore } from "../accounts/reset-store.ts";
import { createSignInStore } from "../accounts/sign-in-store.ts";
import { createStaffStore } from "../accounts/staff-store.ts";
import type { Config } from "../config.ts";
import { createMailOutbox } from "../mail/mail-outbox.ts";
import type { Database } from "../platform/database.ts";
import { ServiceError } from "../platform/errors.ts";
import { createIds } from "../platform/ids.ts";
import { createLogger } from "../platform/logger.ts";
import type { Role } from "../sites/roles.ts";
import type { SiteStore } from "../sites/site-store.ts";

/** As long as its column. */
const INVITED_BY_MAX = 160;

type Write = (line: string) => void;

/** Prints a link with which somebody joins a site; a running service mails it if SMTP_URL is set. The link is shown this once. */
export async function inviteOwner(
  { publicUrl, smtp, secretsKey }: Pick<Config, "publicUrl" | "smtp" | "secretsKey">,
  database: Database,
  store: SiteStore,
  wish: { email: string; site: string; role: Role; invitedBy: string },
  write: Write,
): Promise<boolean> {
  const email = emailSchema.safeParse(wish.email);
  if (!email.success) {
    write("This is not an e-mail address.");
    return false;
  }
  const { sites } = await store.all();
  const site = sites.find(({ id }) => id === wish.site) ?? sites.find(({ name }) => name === wish.site);
  if (!site) {
    write("There is no site with this id or name. See: somopay site list");
    return false;
  }
  const ids = createIds(Date.now);
  const outbox = createMailOutbox({ database, ids, now: Date.now, secretsKey });
  const parts = {
    staff: createStaffStore(database, ids),
    people: createPeopleStore(database),
    mail: { isSetUp: smtp !== null, queueMail: outbox.queue },
    limits: { mayMailInvitation: async () => true },
    ownOrigin: new URL(publicUrl).origin,
    now: Date.now,
    logger: createLogger("silent"),
  };
  try {
    const { link } = await inviteToSite(parts, {
      site,
      email: email.data,
      role: wish.role,
      invitedBy: `operator:${wish.invitedBy}`.slice(0, INVITED_BY_MAX),
    });
    write(link);
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    write(error.message);
    return false;
  }
}

/**
 * Prints a link with which somebody chooses a new password, where no mail can bring it. Good once, for an hour. A second factor is asked for after.
 * @param withoutCode turns two-factor sign-in off; the operator has made sure who asks
 */
export async function resetOwner(
  { publicUrl }: Pick<Config, "publicUrl">,
  database: Database,
  { email, withoutCode }: { email: string; withoutCode: boolean },
  write: Write,
): Promise<boolean> {
  const person = await personOf(database, email, write);
  if (!person) return false;
  const resets = createResetStore(database, createIds(Date.now));
  const token = await database.knex.transaction(async (trx) => {
    if (withoutCode) await createPeopleStore(database).endTotp(trx, person.id);
    return resets.begin(trx, person.id, Date.now());
  });
  write(resetLink(new URL(publicUrl).origin, token));
  return true;
}

/** Ends every session of somebody: a phone was stolen, or somebody left in anger. */
export async function signOutOwner(database: Database, email: string, write: Write): Promise<boolean> {
  const person = await personOf(database, email, write);
  if (!person) return false;
  await createSignInStore(database, createIds(Date.now)).endAll(database.knex, person.id, Date.now());
  write("Signed out everywhere.");
  return true;
}

async function personOf(database: Database, email: string, write: Write): Promise<Person | null> {
  const person = await createPeopleStore(database).byEmail(normaliseEmail(email));
  if (!person) write("Nobody has an account with this address.");
  return person;
}
