import { createTransport } from "nodemailer";
import type { Mail } from "./mail-outbox.ts";
import { isOwnMachine, type SmtpServer } from "./smtp-url.ts";

/** `refused`: this server will never take it. */
export class MailRefused extends Error {}

export type MailSender = {
  /** @throws MailRefused; any other error may pass */
  send(mailId: string, mail: Mail): Promise<void>;
  close(): void;
};

/** A server on the internet answers within seconds, and the lease is longer than all three together. */
const CONNECT_TIMEOUT_MS = 10_000;
const GREETING_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 30_000;

/** Plain text only. Nothing in a mail can make the sender read a file or an address. */
export function createMailSender({ host, port, isTlsFirst, user, password, from }: SmtpServer): MailSender {
  const transport = createTransport({
    host,
    port,
    secure: isTlsFirst,
    requireTLS: !isTlsFirst && !isOwnMachine({ host }),
    ...(user !== null && { auth: { user, pass: password ?? "" } }),
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: GREETING_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const domain = from.slice(from.lastIndexOf("@") + 1);
  return {
    async send(mailId, { to, subject, text }) {
      try {
        await transport.sendMail({
          from: { name: "SomoPay", address: from },
          // As an object: a name or a list in the text is no second recipient.
          to: { name: "", address: to },
          subject,
          text,
          // The same for every try, so that a mailbox can tell a repetition.
          messageId: `<${mailId}@${domain}>`,
          headers: { "Auto-Submitted": "auto-generated" },
        });
      } catch (error) {
        if (isRefusal(error)) throw new MailRefused(error instanceof Error ? error.message : String(error), { cause: error });
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

/** RFC 5321: 5yz is for good. A refused login is the operator's to mend. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || ("code" in error && error.code === "EAUTH")) return false;
  return "responseCode" in error && typeof error.responseCode === "number" && error.responseCode >= 500;
}
