import { expect, test } from "vitest";
import { readQrAnswer } from "./qr-code.ts";

const png = Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), Buffer.from("rest")]);
const answer = (QRCode: unknown) => JSON.stringify({ ResponseCode: "AG_1", RequestID: "1-2-1", QRCode });

test("accepts a PNG, plain or as a data URL", () => {
  expect(readQrAnswer(200, answer(png.toString("base64")))).toEqual({ kind: "image", png });
  expect(readQrAnswer(200, answer(`data:image/png;base64,${png.toString("base64")}`))).toEqual({ kind: "image", png });
});

test.each([
  ["another image format", answer(Buffer.from("<svg onload=alert(1)>").toString("base64"))],
  ["a number", answer(1)],
  ["no code", answer(undefined)],
  ["an error", JSON.stringify({ requestId: "1", errorCode: "404.001.03", errorMessage: "Invalid Access Token" })],
  ["HTML", "<html>"],
])("refuses %s", (_what, body) => {
  expect(readQrAnswer(200, body)).toMatchObject({ kind: "none" });
});
