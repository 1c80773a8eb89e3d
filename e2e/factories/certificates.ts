/** A certificate authority of a test's own, made by OpenSSL. */
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

export type Certificates = { caFile: string; certificateFile: string; keyFile: string };

/** A CA, and a certificate for 127.0.0.1 that it signed. */
export function ownCertificates(folder: string): Certificates {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "pipe" });
  const newKey = (name: string, subject: string): string[] =>
    ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"].concat("-subj", subject, "-keyout", file(`${name}.key`));
  openssl(...newKey("ca", "/CN=Test CA"), "-x509", "-days", "2", "-out", file("ca.pem"));
  openssl(...newKey("server", "/CN=redis"), "-out", file("server.csr"));
  writeFileSync(file("names"), "subjectAltName=IP:127.0.0.1\n");
  const signed = ["-CA", file("ca.pem"), "-CAkey", file("ca.key"), "-CAcreateserial", "-extfile", file("names")];
  openssl("x509", "-req", "-in", file("server.csr"), ...signed, "-days", "2", "-out", file("server.pem"));
  return { caFile: file("ca.pem"), certificateFile: file("server.pem"), keyFile: file("server.key") };
}
