import type { SessionView } from "./accounts-contract.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { hasTwoFactor, type Person } from "./person.ts";

export async function viewSession({ staff, sites }: Pick<AccountsDependencies, "staff" | "sites">, person: Person): Promise<SessionView> {
  const { id, name, email } = person;
  const memberships = await staff.sitesOf(id);
  const found = await Promise.all(memberships.map(async ({ siteId, role }) => ({ role, site: await sites.byId(siteId) })));
  return {
    person: { id, name, email, twoFactor: hasTwoFactor(person) },
    // A site that cannot be read right now is missing; the others are there.
    sites: found.flatMap(({ role, site }) => (site ? [{ siteId: site.id, name: site.name, role }] : [])),
  };
}
