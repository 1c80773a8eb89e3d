import { expect, it, test } from "vitest";
import { parseSmtpUrl } from "./smtp-url.ts";

test.each([
  [
    "smtp://mail.example.com",
    { host: "mail.example.com", port: 587, isTlsFirst: false, user: null, password: null, from: "somopay@pay.example.com" },
  ],
  ["smtps://amina:p%40ss%3Aword@mail.example.com", { port: 465, isTlsFirst: true, user: "amina", password: "p@ss:word" }],
  ["smtp://127.0.0.1:2525?from=fees@amani.example", { host: "127.0.0.1", port: 2525, from: "fees@amani.example" }],
  ["smtp://[::1]:25", { host: "::1", port: 25 }],
])("%s is read", (text, server) => {
  expect(parseSmtpUrl(text, "pay.example.com")).toMatchObject(server);
});

it.each([
  ["mail.example.com:587", "must be an address"],
  ["http://mail.example.com", "must be an address"],
  ["smtp://", "must be an address"],
  ["smtp://mail.example.com/inbox", "no path"],
  ["smtp://mail.example.com?tls=off", 'unknown parameter "tls"'],
  ["smtp://mail.example.com?from=a@b.example%0d%0aBcc:c@d.example", "from that is not"],
  ["smtp://mail.example.com?from=Amani <a@b.example>", "from that is not"],
  ["smtp://50%:secret@mail.example.com", "%25"],
])("%s is refused", (text, problem) => {
  expect(parseSmtpUrl(text, "pay.example.com")).toContain(problem);
});
