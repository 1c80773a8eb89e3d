/**
 * The key pair with which a SecurityCredential is encrypted and read, as Safaricom's certificate is for the real ones. It was made for this
 * simulator alone, guards nothing, and protects only invented passwords: it is no secret, and a secret scanner that finds it here may be told
 * so. It is checked in so that every run of the tests has the same one, with no openssl on the machine.
 */
import { constants, createPrivateKey, privateDecrypt } from "node:crypto";

/** X.509, self-signed, RSA 2048, valid until October 2100: what a merchant encrypts the initiator's password with. PEM. */
export const certificate = `\
-----BEGIN CERTIFICATE-----
MIIDUzCCAjugAwIBAgIUeENrBvHeBWfMagRJc1QZlG/oTs8wDQYJKoZIhvcNAQEL
BQAwODEQMA4GA1UECgwHU29tb1BheTEkMCIGA1UEAwwbRGFyYWphIHNpbXVsYXRv
ciwgdGVzdCBvbmx5MCAXDTI2MTEyNTE4MTAwMVoYDzIxMDAxMDI4MTgxMDAxWjA4
MRAwDgYDVQQKDAdTb21vUGF5MSQwIgYDVQQDDBtEYXJhamEgc2ltdWxhdG9yLCB0
ZXN0IG9ubHkwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQC/MzBylw8I
6M7A2XdVqyEI/kr+c39DetjvHmvGSVlJrxrvAGUv9MwE3LoZaBXGI32X3ZeBhC/6
iDf8/wCgK68ej38KidkkoCGoYPzqhwQbn+wjrirNQxkQ2PTl23mCaLkoZVt2o/GG
Kc4bJYgBxA97iel7lZa3u1JqWFCUkD6DMDSOXg1VF0K55Pqa1RuUDRxUnQXGyVZB
X8/zPxbHfsm9ZFWkma6Ngmnv4phY7553fZovcu0A69bGzYklx0WiM/vrEmlc1ARt
8NbY++v3a6fq5jEha8k3Kew3jilXESC1ya1cXsngNCk+yTe9EIA4XMFfQX5Ks2Ry
Np5dkx47NafpAgMBAAGjUzBRMB0GA1UdDgQWBBRZgrtE24Q0H/SunCSnQRMGtdkv
vjAfBgNVHSMEGDAWgBRZgrtE24Q0H/SunCSnQRMGtdkvvjAPBgNVHRMBAf8EBTAD
AQH/MA0GCSqGSIb3DQEBCwUAA4IBAQA8kwdreH0VnngehayUJIOZhQo5coB+y6HP
Mo+48wKdCmSQ8emT0YIQ0cZsuPyykqDq8afldYKZxtYnqSrBCqhfjemfxqfi8pOX
UvkLXzXoudX4iia+vOFqM9QnN3flgkVQVrRj5OO/80f/oU5MuSHLvMslPQTZK9zR
oL39bhjQYr627jeNaODricsQrmLtuHrYSzfgTLuDuv3zt3SfxRtNNMA9iZfw2rXc
eNpjmIE93czf7u6cP/gH6/gBR6ni/ImTtT5RORTkrTnA/lnP++ot6bvhjBV69hf0
G3YraqYhZvC9ctQTHqhG9jxI/d2fOGW0CLJvpk8+G0qCqkiJc5q+
-----END CERTIFICATE-----
`;

/** PKCS#8 in base64. */
const TEST_ONLY_KEY = `
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQC/MzBylw8I6M7A2XdVqyEI/kr+c39DetjvHmvGSVlJrxrvAGUv9MwE3LoZaBXGI32X3ZeB
hC/6iDf8/wCgK68ej38KidkkoCGoYPzqhwQbn+wjrirNQxkQ2PTl23mCaLkoZVt2o/GGKc4bJYgBxA97iel7lZa3u1JqWFCUkD6DMDSOXg1VF0K55Pqa1RuU
DRxUnQXGyVZBX8/zPxbHfsm9ZFWkma6Ngmnv4phY7553fZovcu0A69bGzYklx0WiM/vrEmlc1ARt8NbY++v3a6fq5jEha8k3Kew3jilXESC1ya1cXsngNCk+
yTe9EIA4XMFfQX5Ks2RyNp5dkx47NafpAgMBAAECggEAW1Ey99+uthYevRt/88IGRpnRLoLyCsQO/PF+Dtd0Vg1UI0cAjO1xTXcwSLceAyJrNw+F7z03fwP1
HZea8GS8wC9PwTRCKcxzFsyvrsFqVFlGemoSFjPQMmw0Vt3CRGcI28LA8sJtNaMcxXlg4lsF+/5LrZMtxzWnsJPadIIJ4TRe1dTwhsyoPL582uP4wDgVyJ2w
IgPyiVLWZsGXU2a87XO9rq/EI0fLZ5nk7fwiaNvSx9yfAbH2TqRHp0Ks6Nk7AbaYa26Ff+5Q5MJ1oHzsq3dYvqx+n1LoAIU9EZo90tNNU/K+kpgMKIZpMPsn
BVdwYGmEkLW0BOpJCX9H1x/oMwKBgQDjIy5406BvGggJImxiSt2gjyq/kGDK9O8X+03SRIzxN6KzhljI/rv5F00Ip+dvhzOjdjRAZ7mcoxvlrksk6sQRi3jp
GT3LamA8lthJrYCD6amzmWtSBbPyymqd/hOSrVKpQ84sDpovt1KSmR5X88+46Z0Wj3MmJZmZrZN22yFuMwKBgQDXfvSwn1b6acRJmQTxA7lzi73ACKnt0nRt
BX+0XVaQl7YmL4gXIg4ePsm2iq9qcYQQkB5dcQrvq7brbGAaEBs2kDexp8w+f4lIs/f22YAvdtW0s3lj/KAritvLk6/hqzOC21u/p9wtAomHMuLAppxarY+4
o2EEmNQ1iXx6z1U9cwKBgDAed+3pB4gB/8nPnR6FtcYaDnhe4eKdWTm/Z5EwLJu9qZ5Wy+Bo9vGiWhOHXqRmBC6RECjE0LG6bGKQNiMwCTGeVpMrYcgCVTkA
y/lv5FYN3oHJ8s6BnsnE0CmAdi0Qwv5Q+xCiV0/cioW8Io2HfW4zL7Bj24UtWgkQmLkJW1+5AoGBAI3NP8x9fWmYcY6Qf5zs+3qaCMm1qcQSCYS36pnQFadd
/YFRI7c9NJcYb/mLdvSPL/0KKMEKIs0lbF+sV+yujomwCsX/ibnSiI7rxg6Mfvo8s1GODCIMWYVtgUaLr1/LHUFNgSkzlwGTOtZZWLa2rApLTViNQckZnAKC
rwPNLOUbAoGBAJlyzBlOnx97mUUg/yFz9wqXeDZOxuFqfD1hYKOVnAUTTkDo0SHUZ1ajYcH533F9Ex8ylPgimwGOf4QZUMSZhtP7MQidxjfF/rf/SldwgZ1v
QEbtICuVuzyBcgB8jglerjgkQFJKm7wfuEwYuQEM71Vsf8hfeccyjvaZ9+Jag7Y9
`;
const key = createPrivateKey({ key: Buffer.from(TEST_ONLY_KEY, "base64"), format: "der", type: "pkcs8" });

/**
 * What a SecurityCredential (base64 of RSA PKCS#1 v1.5) says; null when it cannot be read. One that was made with another certificate may also
 * come out as noise: OpenSSL hides which of the two it was.
 */
export function readSecurityCredential(credential: string): string | null {
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(credential, "base64")).toString("utf8");
  } catch {
    return null;
  }
}
