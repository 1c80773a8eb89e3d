/**
 * The key pair for SecurityCredentials, in place of Safaricom's. It was made for this simulator alone and protects only invented passwords, so it is not
 * a secret: tell a secret scanner to ignore it. It is checked in so that every test run has the same one without openssl.
 */
import { constants, createPrivateKey, privateDecrypt } from "node:crypto";

/** The certificate with which a merchant encrypts the initiator's password: X.509, self-signed, RSA 2048, valid from 2020 to the end of 2099. PEM. */
export const certificate = `\
-----BEGIN CERTIFICATE-----
MIIC5jCCAc4CAQEwDQYJKoZIhvcNAQELBQAwODEQMA4GA1UECgwHU29tb1BheTEk
MCIGA1UEAwwbRGFyYWphIHNpbXVsYXRvciwgdGVzdCBvbmx5MCAXDTIwMDEwMTAw
MDAwMFoYDzIwOTkxMjMxMjM1OTU5WjA4MRAwDgYDVQQKDAdTb21vUGF5MSQwIgYD
VQQDDBtEYXJhamEgc2ltdWxhdG9yLCB0ZXN0IG9ubHkwggEiMA0GCSqGSIb3DQEB
AQUAA4IBDwAwggEKAoIBAQC/MzBylw8I6M7A2XdVqyEI/kr+c39DetjvHmvGSVlJ
rxrvAGUv9MwE3LoZaBXGI32X3ZeBhC/6iDf8/wCgK68ej38KidkkoCGoYPzqhwQb
n+wjrirNQxkQ2PTl23mCaLkoZVt2o/GGKc4bJYgBxA97iel7lZa3u1JqWFCUkD6D
MDSOXg1VF0K55Pqa1RuUDRxUnQXGyVZBX8/zPxbHfsm9ZFWkma6Ngmnv4phY7553
fZovcu0A69bGzYklx0WiM/vrEmlc1ARt8NbY++v3a6fq5jEha8k3Kew3jilXESC1
ya1cXsngNCk+yTe9EIA4XMFfQX5Ks2RyNp5dkx47NafpAgMBAAEwDQYJKoZIhvcN
AQELBQADggEBAHVwUllzoLiA7yiBtqAy4qdzn77XxCgHEZ5vzKQNZ8XY1R36DZbv
lnxihxw41RczcPLnrbiXpOezEDL1UXsxVTggiGpUfxhN89ImcYcsXjShCPoFz6M5
mQU2nxOVo0Dc2o6DIiUfp1KRX55lni3/3CUMT0xiAGM7jS99/UEzZEYpBtD5LTkW
KcKr8Fk9P5DbMBfhyeCkTtqSSvIgD5qCr7RcVp/LAmsOX/q4/sqXKvLjYkZ3R6KN
TNBMMk8oIrl3wxVjC4KrVubM+c2eu2JOsggCkqG+87KRZqkWRQpNIEkxk0CPtIk4
88h+4Y6ftFclFJMSG7UP1/uKvo1va1O5+ak=
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
 * Decrypts a SecurityCredential (base64 of RSA PKCS#1 v1.5); null if it cannot be read. One that was encrypted with another certificate may also give
 * noise, because OpenSSL hides padding errors.
 */
export function readSecurityCredential(credential: string): string | null {
  try {
    return privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.from(credential, "base64")).toString("utf8");
  } catch {
    return null;
  }
}
