/** The texts of mail about accounts. Pure. */
import type { Role } from "../sites/roles.ts";

type Text = { subject: string; text: string };

/** A name in a subject is one short line. */
const NAME_SHOWN_MAX = 60;

export function invitationMail({
  siteName,
  link,
  role,
  expiresAtMs,
}: {
  siteName: string;
  link: string;
  role: Role;
  expiresAtMs: number;
}): Text {
  const name = shownName(siteName);
  return {
    subject: `Join ${name} on SomoPay`,
    text: lines(
      `You are invited to work at ${name} on SomoPay, as ${ROLE_NAMES[role]}.`,
      `Open this link to accept. It is good once, until ${dayOf(expiresAtMs)}:`,
      link,
      "If you do not know who sent this, do nothing: without the link nobody can use your address.",
    ),
  };
}

export function resetMail({ link }: { link: string }): Text {
  return {
    subject: "Choose a new SomoPay password",
    text: lines(
      "Somebody, probably you, asked for a new password for your SomoPay account.",
      "Open this link to choose one. It is good once, for an hour:",
      link,
      "If it was not you, do nothing: your password stays as it is.",
    ),
  };
}

/** What a thief would do next, so the person must hear of it. */
export function changedMail(what: "password" | "two_factor_on" | "two_factor_off"): Text {
  const said = {
    password: "The password of your SomoPay account was changed, and every other session was signed out.",
    two_factor_on: "Two-factor sign-in is now on for your SomoPay account.",
    two_factor_off: "Two-factor sign-in is now off for your SomoPay account.",
  }[what];
  return {
    subject: "Your SomoPay account was changed",
    text: lines(said, "If it was not you: choose a new password at the sign-in page at once, and tell an owner of your site."),
  };
}

const ROLE_NAMES = { viewer: "a viewer", manager: "a manager", owner: "an owner" } as const;

function lines(...paragraphs: string[]): string {
  return `${paragraphs.join("\n\n")}\n`;
}

/** Day and month in words: the order of figures differs between countries. Kenya has no daylight saving time. */
function dayOf(atMs: number): string {
  return new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "Africa/Nairobi" }).format(atMs);
}

/** An owner may name a site anything; in somebody else's mail it must not look like another text or address. */
function shownName(siteName: string): string {
  return siteName
    .replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, " ")
    .replaceAll(/https?:\/\/|www\./gi, "")
    .replaceAll(/\s+/g, " ")
    .slice(0, NAME_SHOWN_MAX)
    .trim();
}
