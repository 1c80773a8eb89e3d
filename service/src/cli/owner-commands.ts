/** The operator's command for owners: `somopay owner invite`. */
import { emailSchema } from "../accounts/accounts-contract.ts";
import { inviteToSite } from "../accounts/invite.ts";
import { createPeopleStore } from "../accounts/people-store.ts";
import { createStaffStore } from "../accounts/staff-store.ts";
import type { Config } from "../config.ts";
import { createMailOutbox } from "../mail/mail-outbox.ts";
import type { Database } from "../platform/database.ts";
import { ServiceError } from "../platform/errors.ts";
import { createIds } from "../platform/ids.ts";
import { createLogger } from "../platform/logger.ts";
import type { Role } from "../sites/roles.ts";
import type { SiteStore } from "../sites/site-store.ts";

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
    ownOrigin: new URL(publicUrl).origin,
    now: Date.now,
    logger: createLogger("silent"),
  };
  try {
    const { link } = await inviteToSite(parts, { site, email: email.data, role: wish.role, invitedBy: `operator:${wish.invitedBy}` });
    write(link);
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    write(error.message);
    return false;
  }
}
