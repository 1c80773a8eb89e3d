import { ServiceError } from "../platform/errors.ts";
import type { Role } from "../sites/roles.ts";
import type { Site } from "../sites/site.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { invitationMail } from "./mails.ts";
import type { Invitation } from "./person.ts";

export type InviteParts = Pick<AccountsDependencies, "staff" | "people" | "mail" | "ownOrigin" | "now" | "logger"> & {
  limits: Pick<AccountsDependencies["limits"], "mayMailInvitation">;
};

export type Invited = { invitation: Invitation; link: string; isMailed: boolean };

/**
 * Makes a link with which somebody joins a site, and mails it if mail is set up and not too many went out. An open one for the same address ends.
 * @throws ServiceError `staff_known`, `staff_full`
 */
export async function inviteToSite(
  { staff, people, mail, limits, ownOrigin, now, logger }: InviteParts,
  { site, email, role, invitedBy }: { site: Pick<Site, "id" | "name">; email: string; role: Role; invitedBy: string },
): Promise<Invited> {
  const person = await people.byEmail(email);
  if (person && (await staff.membershipOf(person.id, site.id))) throw new ServiceError("staff_known");
  const isMailed = mail.isSetUp && (await limits.mayMailInvitation(site.id, email));
  const made = await staff.invite({ siteId: site.id, email, role, invitedBy }, now(), async (trx, { invitation, token }) => {
    if (!isMailed) return;
    const text = invitationMail({ siteName: site.name, link: linkOf(ownOrigin, token), role, expiresAtMs: invitation.expiresAtMs });
    await mail.queueMail(trx, { to: email, ...text, siteId: site.id });
  });
  if (made === null) throw new ServiceError("staff_full");
  logger.info({ siteId: site.id, invitationId: made.invitation.id, role }, "invited to the site's staff");
  return { invitation: made.invitation, link: linkOf(ownOrigin, made.token), isMailed };
}

/** Behind the #, so that the token is in no log of a proxy and in no Referer. */
function linkOf(ownOrigin: string, token: string): string {
  return `${ownOrigin}/dashboard/invitation#${token}`;
}
