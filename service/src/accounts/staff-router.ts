import { Router } from "express";
import { parseOrThrow } from "../platform/error-handler.ts";
import { ServiceError } from "../platform/errors.ts";
import { sendAnswer } from "../platform/send-answer.ts";
import { requireRecentPassword } from "../sites/api-caller.ts";
import { requireServer } from "../sites/site-access.ts";
import { writeOnce } from "../sites/write-once.ts";
import { changeStaffSchema, inviteStaffSchema, type StaffView } from "./accounts-contract.ts";
import type { AccountsDependencies } from "./accounts-dependencies.ts";
import { inviteToSite } from "./invite.ts";
import type { Invitation } from "./person.ts";
import type { StaffChange, StaffRow } from "./staff-store.ts";

/** In the server API: who works at the site. Only owners change that, with a recent password, and never so that no owner is left. */
export function createStaffRouter(deps: AccountsDependencies): Router {
  const { staff, sites, now, logger } = deps;
  const router = Router();

  router.get("/api/v1/staff", async (request, response) => {
    const site = await requireServer(sites, request);
    const [people, invited] = await Promise.all([staff.ofSite(site.id), staff.openInvitations(site.id, now())]);
    response.set("Cache-Control", "no-store").json({ data: [...people.map(viewOfMember), ...invited.map(viewOfInvitation)] });
  });

  router.post("/api/v1/staff", async (request, response) => {
    const wish = parseOrThrow(inviteStaffSchema, request.body);
    let link: string | null = null;
    const answer = await writeOnce(
      deps,
      request,
      { invite: wish },
      async (site, _claim, _committed, caller) => {
        requireRecentPassword(caller, now());
        const made = await inviteToSite(deps, { site, ...wish, invitedBy: caller.actor });
        ({ link } = made);
        return { status: 201, body: { ...viewOfInvitation(made.invitation), mailed: made.isMailed } };
      },
      "owner",
    );
    // The link is not stored with the answer: a repetition under the same Idempotency-Key has none.
    const shown = link === null || answer.status !== 201 ? answer : { ...answer, body: { ...bodyOf(answer.body), link } };
    sendAnswer(response.set("Cache-Control", "no-store"), shown);
  });

  router.patch("/api/v1/staff/:staffId", async (request, response) => {
    const { role } = parseOrThrow(changeStaffSchema, request.body);
    const { staffId } = request.params;
    const answer = await writeOnce(
      deps,
      request,
      { changeStaff: staffId, role },
      async ({ id: siteId }, _claim, _committed, caller) => {
        requireRecentPassword(caller, now());
        if (!(await staff.setInvitedRole(siteId, staffId, role, now()))) requireDone(await staff.setRole(siteId, staffId, role));
        logger.info({ siteId, staffId, role, byPersonId: caller.personId }, "role changed");
        return { status: 200, body: await viewOne(deps, siteId, staffId) };
      },
      "owner",
    );
    sendAnswer(response.set("Cache-Control", "no-store"), answer);
  });

  router.delete("/api/v1/staff/:staffId", async (request, response) => {
    const { staffId } = request.params;
    const answer = await writeOnce(
      deps,
      request,
      { removeStaff: staffId },
      async ({ id: siteId }, _claim, _committed, caller) => {
        requireRecentPassword(caller, now());
        if (!(await staff.endInvitation(siteId, staffId, now()))) requireDone(await staff.remove(siteId, staffId));
        logger.info({ siteId, staffId, byPersonId: caller.personId }, "removed from the site's staff");
        return { status: 204, body: null };
      },
      "owner",
    );
    sendAnswer(response, answer);
  });

  return router;
}

function requireDone(change: StaffChange): void {
  if (change === "not_found") throw new ServiceError("staff_not_found");
  if (change === "last_owner") throw new ServiceError("last_owner");
}

async function viewOne({ staff, now }: AccountsDependencies, siteId: string, staffId: string): Promise<StaffView> {
  const member = (await staff.ofSite(siteId)).find(({ id }) => id === staffId);
  if (member) return viewOfMember(member);
  const invitation = (await staff.openInvitations(siteId, now())).find(({ id }) => id === staffId);
  if (invitation) return viewOfInvitation(invitation);
  throw new ServiceError("staff_not_found");
}

function viewOfMember({ id, name, email, role, lastSeenAtMs }: StaffRow): StaffView {
  return { id, name, email, role, lastSeenAt: lastSeenAtMs, invited: false };
}

function viewOfInvitation({ id, email, role }: Invitation): StaffView {
  return { id, name: null, email, role, lastSeenAt: null, invited: true };
}

function bodyOf(body: unknown): object {
  return typeof body === "object" && body !== null ? body : {};
}
