/** The routes about a site's staff, under `/api/v1`. */
import { z } from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import { changeStaffSchema, invitedStaffSchema, inviteStaffSchema, staffSchema, type StaffView } from "../accounts/accounts-contract.ts";
import type { ErrorCode } from "../platform/errors.ts";
import { body, json, serverRoute } from "./openapi-parts.ts";

const staffPath = z.object({ staffId: z.string() });
const Staff = staffSchema.meta({ id: "Staff" });
const InvitedStaff = invitedStaffSchema.meta({ id: "InvitedStaff" });
const InviteStaff = inviteStaffSchema.meta({ id: "InviteStaff" });
const ChangeStaff = changeStaffSchema.meta({ id: "ChangeStaff" });

const member: StaffView = {
  id: "staff_01m83k8nc0ftw9bg6b5veeed7xfw6gcfrk0y",
  name: "Amina Otieno",
  email: "amina@example.com",
  role: "manager",
  lastSeenAt: Date.UTC(2026, 11, 1, 7),
  invited: false,
};
const invited = { ...member, id: "inv_01m83k8nc0ftw9bg6b5veeed7xfw6gcfrk0y", name: null, lastSeenAt: null, invited: true };
const ownersOnly = ["forbidden_role", "password_required"] as const satisfies ErrorCode[];

export const staffPaths: ZodOpenApiPathsObject = {
  "/api/v1/staff": {
    get: serverRoute({
      operationId: "listStaff",
      summary: "List the staff",
      description: "Who works at the site, and whose invitation is open.",
      answers: { "200": json("All of them.", z.object({ data: z.array(Staff) }), { data: [member, invited] }) },
    }),
    post: serverRoute({
      operationId: "inviteStaff",
      summary: "Invite somebody",
      description:
        "Makes a link, and mails it if mail is set up. An open one for the same address ends. Only an owner may, who is signed in and gave the password in the last 15 minutes.",
      requestBody: body(InviteStaff, { invite: { email: member.email, role: member.role } }),
      answers: {
        "201": json("The invitation, with its link.", InvitedStaff, {
          ...invited,
          link: `https://pay.example.com/dashboard/invitation#${"0".repeat(64)}`,
          mailed: true,
        }),
      },
      least: "owner",
      errors: [...ownersOnly, "staff_known", "staff_full"],
    }),
  },
  "/api/v1/staff/{staffId}": {
    patch: serverRoute({
      operationId: "changeStaff",
      summary: "Give somebody another role",
      requestParams: { path: staffPath },
      requestBody: body(ChangeStaff, { role: { role: "viewer" } }),
      answers: { "200": json("As it is now.", Staff, { ...member, role: "viewer" }) },
      least: "owner",
      errors: [...ownersOnly, "staff_not_found", "last_owner"],
    }),
    delete: serverRoute({
      operationId: "removeStaff",
      summary: "Remove somebody, or take an invitation back",
      description: "The person's next call about this site is refused.",
      requestParams: { path: staffPath },
      answers: { "204": { description: "Removed." } },
      least: "owner",
      errors: [...ownersOnly, "staff_not_found", "last_owner"],
    }),
  },
};
