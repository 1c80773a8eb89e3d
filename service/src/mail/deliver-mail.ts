import type { Clock } from "../platform/clock.ts";
import type { Logger } from "../platform/logger.ts";
import type { MailOutbox, WaitingMail } from "./mail-outbox.ts";
import { MailRefused, type MailSender } from "./send-mail.ts";

type Parts = { outbox: MailOutbox; sender: MailSender; now: Clock; logger: Logger };

const BATCH = 10;
/** Longer than the sender's time-outs together. */
const LEASE_MS = 120_000;
const MINUTE_MS = 60_000;
/** How long after each try the next one comes. A mail server that is away is back within a day, or somebody must look. */
const RETRY_AFTER_MS = [1, 5, 15, 60, 240, 720].map((minutes) => minutes * MINUTE_MS);

/** Sends what is due, one after the other. Returns whether there may be more. */
export async function deliverMail(parts: Parts): Promise<boolean> {
  const due = await parts.outbox.claim(BATCH, LEASE_MS);
  for (const waiting of due) await deliver(parts, waiting);
  return due.length === BATCH;
}

async function deliver({ outbox, sender, now, logger }: Parts, { id, tries, mail }: WaitingMail): Promise<void> {
  try {
    await sender.send(id, mail);
  } catch (error) {
    const failure = codeOf(error);
    const pauseMs = RETRY_AFTER_MS[tries - 1];
    if (error instanceof MailRefused || pauseMs === undefined) {
      await outbox.settle(id, { status: "failed", failure });
      logger.error({ mailId: id, siteId: mail.siteId, failure }, "mail was not sent and is given up");
    } else {
      await outbox.retry(id, failure, now() + pauseMs);
      logger.warn({ mailId: id, failure, tries }, "mail was not sent; trying again later");
    }
    return;
  }
  await outbox.settle(id, { status: "sent" });
}

/** A server's words may repeat the address, which belongs into no log. */
function codeOf(error: unknown): string {
  const cause = error instanceof MailRefused ? error.cause : error;
  if (!(cause instanceof Error)) return "unknown";
  const code = "code" in cause && typeof cause.code === "string" ? cause.code : cause.name;
  return "responseCode" in cause && typeof cause.responseCode === "number" ? `${code} ${cause.responseCode}` : code;
}
