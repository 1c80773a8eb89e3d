/** Encrypts the initiator's password with Safaricom's certificate. Sandbox and production have different ones. */
import { constants, publicEncrypt, X509Certificate } from "node:crypto";

/** What is wrong with a certificate, as a sentence for the owner; null if it is valid. */
export function problemWithCertificate(pem: string): string | null {
  try {
    const { publicKey } = new X509Certificate(pem);
    return publicKey.asymmetricKeyType === "rsa" ? null : "its key is not an RSA key";
  } catch {
    return "it is not an X.509 certificate in PEM form (-----BEGIN CERTIFICATE-----)";
  }
}

/**
 * RSA with PKCS#1 v1.5 padding, as base64. The result differs each time, because the padding is random.
 * @throws if the certificate is invalid; call `problemWithCertificate` before storing one
 */
export function securityCredential(password: string, certificatePem: string): string {
  const { publicKey } = new X509Certificate(certificatePem);
  return publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(password)).toString("base64");
}
