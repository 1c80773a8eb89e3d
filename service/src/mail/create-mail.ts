import type { Config } from "../config.ts";
import { every, type BackgroundTask } from "../platform/background.ts";
import type { Platform } from "../platform/open-platform.ts";
import { deliverMail } from "./deliver-mail.ts";
import { createMailOutbox, type QueueMail } from "./mail-outbox.ts";
import { createMailSender } from "./send-mail.ts";

export type MailFeature = {
  /** Whether SMTP_URL is set. Without it, nothing may be queued: nobody would send it. */
  isSetUp: boolean;
  queueMail: QueueMail;
  /** Sends what waits, until it is stopped. */
  start(): BackgroundTask;
};

const LOOK_EVERY_MS = 1_000;
const HOUSEKEEPING_PAUSE_MS = 60_000;
/** As long as somebody may ask whether a mail was sent. */
const SETTLED_KEPT_FOR_MS = 30 * 24 * 60 * 60_000;

export type MailParts = { config: Pick<Config, "smtp" | "secretsKey">; platform: Pick<Platform, "database" | "ids" | "now" | "logger"> };

export function createMail({ config: { smtp, secretsKey }, platform }: MailParts): MailFeature {
  const { database, ids, now, logger } = platform;
  const outbox = createMailOutbox({ database, ids, now, secretsKey });
  return {
    isSetUp: smtp !== null,
    async queueMail(trx, mail) {
      if (smtp === null) throw new Error("mail is queued although SMTP_URL is not set");
      return outbox.queue(trx, mail);
    },
    start() {
      if (smtp === null) return { stop: async () => undefined };
      const sender = createMailSender(smtp);
      const tasks = [
        every(LOOK_EVERY_MS, "send mail", () => deliverMail({ outbox, sender, now, logger }), logger),
        every(
          HOUSEKEEPING_PAUSE_MS,
          "delete old mail",
          async () => {
            await outbox.forget(now() - SETTLED_KEPT_FOR_MS);
            return false;
          },
          logger,
        ),
      ];
      return {
        async stop() {
          await Promise.all(tasks.map((task) => task.stop()));
          sender.close();
        },
      };
    },
  };
}
