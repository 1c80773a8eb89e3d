/** A mail server for a test, with everything that it was given. */
import { onTestFinished } from "vitest";
import { SMTPServer } from "smtp-server";
import { until } from "./until.ts";

export type ReceivedMail = { to: string[]; from: string; raw: string; text: string; subject: string };

export type Mailbox = {
  /** For SMTP_URL. */
  url: string;
  received: ReceivedMail[];
  /** What it says to the next mails; null: it takes them. */
  refuseWith: { code: number; text: string } | null;
  /** Waits for a mail to this address. */
  mailTo(address: string): Promise<ReceivedMail>;
  close(): Promise<void>;
};

/** Without TLS: it is on this machine. */
export async function startMailbox(): Promise<Mailbox> {
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
      stream.on("end", () => {
        const refusal = mailbox.refuseWith;
        if (refusal) return done(Object.assign(new Error(refusal.text), { responseCode: refusal.code }));
        const { mailFrom, rcptTo } = session.envelope;
        mailbox.received.push({
          ...parse(Buffer.concat(chunks).toString()),
          to: rcptTo.map(({ address }) => address),
          from: mailFrom === false ? "" : mailFrom.address,
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", () => resolve()));
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("the mail server does not listen on a port");
  const mailbox: Mailbox = {
    url: `smtp://127.0.0.1:${address.port}?from=pay@example.com`,
    received: [],
    refuseWith: null,
    mailTo: (to) => until(`a mail to ${to}`, () => mailbox.received.find((mail) => mail.to.includes(to))),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
  return mailbox;
}

export async function mailboxForTest(): Promise<Mailbox> {
  const mailbox = await startMailbox();
  onTestFinished(() => mailbox.close());
  return mailbox;
}

function parse(raw: string): Pick<ReceivedMail, "raw" | "text" | "subject"> {
  const [head = "", ...rest] = raw.split("\r\n\r\n");
  const body = rest.join("\r\n\r\n");
  const text = /quoted-printable/i.test(head)
    ? body.replaceAll("=\r\n", "").replaceAll(/=([0-9A-F]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : body;
  const [, subject = ""] = /^Subject: (.*(?:\r\n[ \t].*)*)/im.exec(head) ?? [];
  return { raw, text, subject: subject.replaceAll(/\r\n[ \t]/g, " ") };
}
