/** The routes below `/dashboard`, by which the dashboard's own pages sign in and change the own account. */
import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject, ZodOpenApiResponseObject } from "zod-openapi";
import {
  acceptSchema,
  askResetSchema,
  changePasswordSchema,
  codeSchema,
  confirmSchema,
  invitationViewSchema,
  newPasswordSchema,
  newTwoFactorSchema,
  sessionViewSchema,
  signInAnswerSchema,
  signInSchema,
  signInViewSchema,
  type SessionView,
} from "../accounts/accounts-contract.ts";
import type { ErrorCode } from "../platform/errors.ts";
import { anywhere, body, json, problems } from "./openapi-parts.ts";

const Session = sessionViewSchema;
const session: SessionView = {
  person: {
    id: "person_01m83k8nc0ftw9bg6b5veeed7xfw6gcfrk0y",
    name: "Amina Otieno",
    email: "amina@example.com",
    twoFactor: true,
  },
  sites: [{ siteId: "site_01m83k8nc0ftw9bg6b5veeed7xfw6gcfrk0y", name: "Amani Tutors", role: "owner" }],
};
const password = "tembo anapenda ndizi";
const code = { code: "123456" };
const signedIn = json("Signed in, or `{ twoFactor: true }`: then the code comes next.", signInAnswerSchema, session);
const done = { "204": { description: "Done." } };
const tokenPath = z.object({ token: z.string().meta({ description: "What stands behind the `#` of the link." }) });

type Answer = Pick<ZodOpenApiResponseObject, "description" | "content">;

/** For the service's own pages only. `isSignedIn`: with the session's cookie. */
function ownRoute({
  answers,
  errors = [],
  isSignedIn = true,
  ...rest
}: Omit<ZodOpenApiOperationObject, "responses" | "tags" | "security"> & {
  operationId: string;
  summary: string;
  answers: Record<`2${string}`, Answer>;
  errors?: readonly ErrorCode[];
  isSignedIn?: boolean;
}): ZodOpenApiOperationObject {
  const ofBody: ErrorCode[] = "requestBody" in rest ? ["invalid_request", "not_json", "body_too_large"] : [];
  const ofSession: ErrorCode[] = isSignedIn ? ["signed_out"] : [];
  return {
    ...rest,
    tags: ["dashboard"],
    security: isSignedIn ? [{ session: [] }] : [],
    responses: { ...answers, ...problems("cross_site_request", "https_required", ...ofSession, ...ofBody, ...errors, ...anywhere) },
  };
}

export const dashboardPaths: ZodOpenApiPathsObject = {
  "/dashboard/session": {
    get: ownRoute({
      operationId: "getSession",
      summary: "Get who is signed in",
      answers: { "200": json("The person, and where this person works.", Session, session) },
    }),
  },
  "/dashboard/sign-in": {
    post: ownRoute({
      operationId: "signIn",
      summary: "Sign in",
      requestBody: body(signInSchema, { signIn: { email: "amina@example.com", password } }),
      answers: { "200": signedIn },
      errors: ["sign_in_wrong", "too_many_requests"],
      isSignedIn: false,
    }),
  },
  "/dashboard/sign-in/code": {
    post: ownRoute({
      operationId: "enterCode",
      summary: "Finish signing in with a code",
      description: "Of the authenticator app, or a backup code. Each counts once.",
      requestBody: body(codeSchema, { code }),
      answers: { "200": json("Signed in.", Session, session) },
      errors: ["code_wrong", "too_many_requests"],
    }),
  },
  "/dashboard/confirm": {
    post: ownRoute({
      operationId: "confirmPassword",
      summary: "Give the password again",
      description: "For what takes a recent password. The cookie changes.",
      requestBody: body(confirmSchema, { confirm: { password } }),
      answers: done,
      errors: ["password_wrong", "too_many_requests"],
    }),
  },
  "/dashboard/sign-out": { post: ownRoute({ operationId: "signOut", summary: "Sign out", answers: done, isSignedIn: false }) },
  "/dashboard/sign-out-everywhere": { post: ownRoute({ operationId: "signOutEverywhere", summary: "End every session", answers: done }) },
  "/dashboard/invitations/{token}": {
    get: ownRoute({
      operationId: "getInvitation",
      summary: "Get an invitation",
      requestParams: { path: tokenPath },
      answers: {
        "200": json("What it is for.", invitationViewSchema, {
          email: "amina@example.com",
          siteName: "Amani Tutors",
          role: "owner",
          needsAccount: true,
        }),
      },
      errors: ["invitation_not_found", "too_many_requests"],
      isSignedIn: false,
    }),
    post: ownRoute({
      operationId: "acceptInvitation",
      summary: "Accept an invitation",
      description: "With a name and a new password, or with the password of the account that the address has.",
      requestParams: { path: tokenPath },
      requestBody: body(acceptSchema, { accept: { name: "Amina Otieno", password } }),
      answers: { "200": signedIn },
      errors: ["invitation_not_found", "sign_in_wrong", "password_weak", "too_many_requests"],
      isSignedIn: false,
    }),
  },
  "/dashboard/password-reset": {
    post: ownRoute({
      operationId: "forgetPassword",
      summary: "Ask for a link for a new password",
      requestBody: body(askResetSchema, { forgotten: { email: "amina@example.com" } }),
      answers: { "202": json("If the address has an account, a mail is on its way.", z.object({}), {}) },
      errors: ["too_many_requests"],
      isSignedIn: false,
    }),
  },
  "/dashboard/password-reset/{token}": {
    post: ownRoute({
      operationId: "resetPassword",
      summary: "Choose a new password with a link",
      description: "Every session ends.",
      requestParams: { path: tokenPath },
      requestBody: body(newPasswordSchema, { reset: { password } }),
      answers: { "200": signedIn },
      errors: ["reset_not_found", "password_weak", "too_many_requests"],
      isSignedIn: false,
    }),
  },
  "/dashboard/password": {
    post: ownRoute({
      operationId: "changePassword",
      summary: "Change the own password",
      description: "Every other session ends.",
      requestBody: body(changePasswordSchema, { change: { current: password, next: "mamba hulala mtoni" } }),
      answers: done,
      errors: ["password_wrong", "password_weak", "too_many_requests"],
    }),
  },
  "/dashboard/two-factor": {
    post: ownRoute({
      operationId: "beginTwoFactor",
      summary: "Begin two-factor sign-in",
      description: "The secret and the backup codes are shown this once. It is on once a code was confirmed.",
      answers: {
        "200": json("For the authenticator app.", newTwoFactorSchema, {
          uri: "otpauth://totp/SomoPay:amina%40example.com?secret=GEZDGNBVGY3TQOJQ&issuer=SomoPay",
          secret: "GEZDGNBVGY3TQOJQ",
          backupCodes: ["abcde-fghjk"],
        }),
      },
      errors: ["password_required", "two_factor_not_set_up", "two_factor_state"],
    }),
    delete: ownRoute({
      operationId: "endTwoFactor",
      summary: "Turn two-factor sign-in off",
      requestBody: body(codeSchema, { code }),
      answers: done,
      errors: ["code_wrong", "two_factor_state", "too_many_requests"],
    }),
  },
  "/dashboard/two-factor/confirm": {
    post: ownRoute({
      operationId: "confirmTwoFactor",
      summary: "Turn two-factor sign-in on with a first code",
      requestBody: body(codeSchema, { code }),
      answers: done,
      errors: ["code_wrong", "two_factor_state", "too_many_requests"],
    }),
  },
  "/dashboard/sign-ins": {
    get: ownRoute({
      operationId: "listSignIns",
      summary: "List the own sign-ins and sessions",
      answers: {
        "200": json("Newest first.", z.object({ data: z.array(signInViewSchema) }), {
          data: [
            {
              id: "in_01m83k8nc0ftw9bg6b5veeed7xfw6gcfrk0y",
              at: Date.UTC(2026, 11, 1, 7),
              lastSeenAt: Date.UTC(2026, 11, 1, 8),
              address: "198.51.100.7",
              device: "Chrome on Android",
              current: true,
            },
          ],
        }),
      },
    }),
  },
  "/dashboard/sign-ins/{signInId}": {
    delete: ownRoute({
      operationId: "endSignIn",
      summary: "End one of the own sessions",
      requestParams: { path: z.object({ signInId: z.string() }) },
      answers: done,
      errors: ["not_found"],
    }),
  },
};
