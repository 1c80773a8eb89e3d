/** How Safaricom wants the initiator's password: encrypted for the certificate that it hands out, one for the sandbox and one for production. */
import { constants, publicEncrypt, X509Certificate } from "node:crypto";

/** What is wrong with a certificate, in the owner's words; null: nothing. */
export function problemWithCertificate(pem: string): string | null {
  try {
    const { publicKey } = new X509Certificate(pem);
    return publicKey.asymmetricKeyType === "rsa" ? null : "its key is not an RSA key";
  } catch {
    return "it is not an X.509 certificate in PEM form (-----BEGIN CERTIFICATE-----)";
  }
}

/**
 * RSA with PKCS#1 v1.5 padding, as base64: another text each time, for the padding is random.
 * @throws when the certificate is none: `problemWithCertificate` is asked before it is stored
 */
export function securityCredential(password: string, certificatePem: string): string {
  const { publicKey } = new X509Certificate(certificatePem);
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(password)).toString("base64");
}
