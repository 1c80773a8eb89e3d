import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { MysqlAddressError, parseMysqlAddress } from "./mysql-address.ts";
import { folderForTest } from "./testing.ts";

const plain = { host: "db.example", port: 3306, user: "u", password: "pw", database: "somopay" };
const AT = "mysql://u:pw@db.example/somopay";

const encrypted = { rejectUnauthorized: false, verifyIdentity: false };
const byAuthority = { rejectUnauthorized: true, verifyIdentity: false };
const byName = { rejectUnauthorized: true, verifyIdentity: true };

function problemOf(address: string): string {
  try {
    parseMysqlAddress(address);
  } catch (error) {
    if (error instanceof MysqlAddressError) return error.message;
    throw error;
  }
  return "none";
}

describe("an address", () => {
  test.each([
    [AT, plain],
    ["mysql://u:pw@db.example:3307/somopay", { ...plain, port: 3307 }],
    ["MySQL://u:p%40s%2Fs%3F%23%25@db.example/somopay?", { ...plain, password: "p@s/s?#%" }],
    ["mysql://u:p@ss@db.example/somopay", { ...plain, password: "p@ss" }],
    ["mysql://u:pässword@db.example/somopay", { ...plain, password: "pässword" }],
    ["mysql://u:pw@[2001:db8::1]/somopay", { ...plain, host: "2001:db8::1" }],
    ["mysql://localhost/somopay", { ...plain, host: "localhost", user: "", password: "" }],
  ])("%s", (address, parsed) => {
    expect(parseMysqlAddress(address)).toEqual(parsed);
  });

  it("every password is read once it is percent-encoded", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" }), (user, password) => {
        const address = `mysql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@db.example/somopay`;
        expect(parseMysqlAddress(address)).toEqual({ ...plain, user, password });
      }),
    );
  });

  test.each(["socketPath", "socketpath", "socket", "unix_socket"])("with a socket, as %s", (name) => {
    const address = `mysql://u:pw@localhost/somopay?${name}=/run/mysqld/mysqld.sock`;
    expect(parseMysqlAddress(address)).toEqual({ ...plain, host: "localhost", socketPath: "/run/mysqld/mysqld.sock" });
  });
});

describe("TLS", () => {
  test.each([
    ["ssl-mode=REQUIRED", encrypted],
    ["ssl-mode=VERIFY_CA", byAuthority],
    ["ssl-mode=VERIFY_IDENTITY", byName],
    ["sslmode=require", encrypted],
    ["sslMode=verify-ca", byAuthority],
    ["ssl_mode=verify-full", byName],
    ['ssl={"rejectUnauthorized":true}', byName],
    ["ssl=%7B%22rejectUnauthorized%22%3Atrue%7D", byName],
    ['ssl={"rejectUnauthorized":false}', encrypted],
    ["ssl={}", byName],
    ["ssl=true", byName],
    ["sslaccept=strict", byName],
    ["sslaccept=accept_invalid_certs", encrypted],
    ["ssl=true&sslaccept=strict&reconnect=true&charset=utf8mb4", byName],
    ["ssl-mode=DISABLED", undefined],
    ["ssl=false", undefined],
    ["reconnect=true", undefined],
  ])("%s", (search, ssl) => {
    expect(parseMysqlAddress(`${AT}?${search}`)).toEqual({ ...plain, ...(ssl && { ssl }) });
  });

  test.each([
    ["", byAuthority],
    ["&ssl-mode=REQUIRED", byAuthority],
    ["&ssl-mode=VERIFY_IDENTITY", byName],
  ])("ssl-ca=FILE%s: the certificate is compared with the file's", (more, ssl) => {
    const file = join(folderForTest(), "ca.pem");
    const [root, intermediate] = ["MIIB", "MIIC"].map((body) => `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`);
    // MySQL's own ca.pem ends with a NUL, and an editor adds a byte order mark.
    writeFileSync(file, `\ufeff${root}\n# the next one\n${intermediate}\n\0`);
    const ca = `${root}\n${intermediate}`;
    expect(parseMysqlAddress(`${AT}?ssl-ca=${file}${more}`).ssl).toEqual({ ...ssl, ca });
  });
});

describe("is refused, with what to do:", () => {
  const encode = /has a \/ \? # or % in its user name or password: write it as %2F, %3F, %23 or %25/;

  test.each([
    ["a % in the password", "mysql://u:50%off@db.example/somopay", encode],
    ["a / in the password", "mysql://u:12/3ss@db.example/somopay", encode],
    ["a / after an @ in the password", "mysql://u:a@b/c@db.example/somopay", encode],
    ["a # in the password", "mysql://u:pa#ss@db.example/somopay", encode],
    ["a ? in the password", "mysql://u:pa?ss@db.example/somopay", encode],
    ["a # at the end", `${AT}#x`, encode],
    ["no database", "mysql://u:pw@db.example/", /must be mysql:\/\/user/],
    ["a path", `${AT}/more`, /must be mysql:\/\/user/],
    ["no host", "mysql:///somopay", /must be mysql:\/\/user/],
    ["a port of letters", "mysql://u:pw@db.example:port/somopay", /must be mysql:\/\/user/],
    ["an unknown parameter", `${AT}?useSSL=true`, /has the unknown parameter useSSL; known are ssl-mode, ssl-ca and socketPath/],
    ["what is no parameter", `${AT}?s%C3%A9cret`, /has a parameter without a name/],
    ["a mode that may fall back", `${AT}?ssl-mode=PREFERRED`, /may send everything in clear text: use REQUIRED or DISABLED/],
    ["an unknown mode", `${AT}?ssl-mode=ON`, /unknown value for ssl-mode: it must be DISABLED, REQUIRED, VERIFY_CA, VERIFY_IDENTITY/],
    ["an unknown option", `${AT}?ssl={"rejectUnauthorised":true}`, /unknown value for ssl: it must be true, false or/],
    ["a half option", `${AT}?ssl={"rejectUnauthorized"`, /unknown value for ssl/],
    ["modes that contradict", `${AT}?ssl-mode=DISABLED&ssl=true`, /contradict each other/],
    ["a certificate without TLS", `${AT}?ssl-mode=DISABLED&ssl-ca=${import.meta.filename}`, /must be the path|contradict/],
    ["a certificate that is not there", `${AT}?ssl-ca=/nowhere.pem`, /ssl-ca that must be the path .* cannot be read: ENOENT/],
    ["a file without a certificate", `${AT}?ssl-ca=/dev/null`, /the file has no -----BEGIN CERTIFICATE-----/],
    ["an address to compare with a certificate", "mysql://u:pw@192.0.2.1/somopay?ssl=true", /needs a host name instead of an address/],
    ["another character set", `${AT}?charset=latin1`, /unknown value for charset: it must be utf8mb4/],
  ])("%s", (_what, address, problem) => {
    expect(problemOf(address)).toMatch(problem);
  });

  it("the message never shows the password", () => {
    const secret = "notreal";
    for (const address of [
      `mysql://u:${secret}%zz@db.example/x`,
      `mysql://u:${secret}/@db.example/x`,
      `mysql://u:a?${secret}@db.example/x`,
      `mysql://u:a@b?${secret}@db.example/x`,
      `mysql://u:${secret}@db.example:port/x`,
      `mysql://u:${secret}@db.example/x?ssl=${secret}`,
    ])
      expect(problemOf(address)).not.toMatch(new RegExp(`none|${secret}`));
  });
});
