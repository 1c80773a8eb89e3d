/** What the dashboard's own routes take and answer: people, sessions, invitations, staff. */
import { z } from "zod";
import { roles } from "../sites/roles.ts";

/** With `person:` in front it is the actor of a history, whose columns hold 120 characters. */
const EMAIL_MAX = 113;
const NAME_MAX = 120;
/** Read, not judged: a new password is judged by `password-rules.ts`. Bounded, so that nobody has a novel hashed. */
const PASSWORD_READ_MAX = 1_000;
const CODE_READ_MAX = 40;

export const emailSchema = z.string().trim().toLowerCase().max(EMAIL_MAX).pipe(z.email());
const nameSchema = z
  .string()
  .trim()
  .min(1)
  .max(NAME_MAX)
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(text), { message: "must be one line without control characters" });
const passwordSchema = z.string().min(1).max(PASSWORD_READ_MAX);
export const roleSchema = z.enum(roles);

export const signInSchema = z.strictObject({ email: z.string().max(500), password: passwordSchema });
export const codeSchema = z.strictObject({ code: z.string().max(CODE_READ_MAX) });
export const acceptSchema = z.strictObject({ name: nameSchema.optional(), password: passwordSchema.optional() });
export const askResetSchema = z.strictObject({ email: z.string().max(500) });
export const newPasswordSchema = z.strictObject({ password: passwordSchema });
export const changePasswordSchema = z.strictObject({ current: passwordSchema, next: passwordSchema });
export const confirmSchema = z.strictObject({ password: passwordSchema });

export const sessionViewSchema = z.object({
  person: z.object({ id: z.string(), name: z.string(), email: z.string(), twoFactor: z.boolean() }),
  sites: z.array(z.object({ siteId: z.string(), name: z.string(), role: roleSchema })).describe("Where this person works."),
});
/** Who is signed in, and where this person works. */
export type SessionView = z.infer<typeof sessionViewSchema>;
export const signInAnswerSchema = z.union([sessionViewSchema, z.object({ twoFactor: z.literal(true) })]);
export const invitationViewSchema = z.object({
  email: z.string(),
  siteName: z.string(),
  role: roleSchema,
  needsAccount: z.boolean().describe("The address has no account yet: choose a name and a password."),
});
export const newTwoFactorSchema = z.object({ uri: z.string(), secret: z.string(), backupCodes: z.array(z.string()) });
export type NewTwoFactor = z.infer<typeof newTwoFactorSchema>;

export const signInViewSchema = z.object({
  id: z.string(),
  at: z.number().int(),
  lastSeenAt: z.number().int(),
  address: z.string(),
  device: z.string().describe("`Chrome on Android`"),
  current: z.boolean().describe("The session of this very request."),
  ended: z.number().int().optional().describe("When it was ended, or stopped being good. Missing: it is open."),
});
export type SignInView = z.infer<typeof signInViewSchema>;

export const inviteStaffSchema = z.strictObject({
  email: emailSchema.describe("Where the invitation goes."),
  role: roleSchema.describe("`viewer` reads; `manager` also decides about bookings and money; `owner` also says who works here."),
});
export const changeStaffSchema = z.strictObject({ role: roleSchema });

export const staffSchema = z.object({
  id: z.string(),
  name: z.string().nullable().describe("null: invited, and has not accepted yet."),
  email: z.string(),
  role: roleSchema,
  lastSeenAt: z.number().int().nullable().describe("At this site, to the minute or so."),
  invited: z.boolean().describe("The invitation is open."),
});
export type StaffView = z.infer<typeof staffSchema>;
export const invitedStaffSchema = staffSchema.extend({
  link: z.string().describe("For the invited person. It is shown this once, good once, and for 7 days."),
  mailed: z.boolean().describe("Whether it is on its way by mail. If not, pass the link on."),
});
export type InvitedStaffView = z.infer<typeof invitedStaffSchema>;
