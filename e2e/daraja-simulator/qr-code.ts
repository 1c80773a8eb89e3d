/** POST /mpesa/qrcode/v1/generate: Safaricom's code is for M-Pesa's app; this one leads to the phone page with the payment filled in. */
import type { RequestHandler } from "express";
import { PNG } from "pngjs";
import encodeQr from "qr";
import { z } from "zod";
import { invalidField, RefusedCall } from "./daraja-answers.ts";
import type { Ids } from "./ids.ts";
import type { TokenDesk } from "./oauth.ts";

const text = z.union([z.string().min(1), z.number()]).transform(String);
const requestSchema = z.object({
  MerchantName: text,
  RefNo: text,
  Amount: z.coerce.number().positive(),
  TrxCode: z.enum(["BG", "WA", "PB", "SM", "SB"]),
  CPI: text,
  Size: z.coerce.number().int().min(1).max(1_000),
});
/** The white margin that scanners need, in modules. */
const BORDER = 4;

export function qrCode({ tokens, ids }: { tokens: TokenDesk; ids: Ids }): RequestHandler {
  return (request, response) => {
    tokens.authorize(request);
    const parsed = requestSchema.safeParse(request.body ?? {});
    if (!parsed.success) throw new RefusedCall(invalidField(String(parsed.error.issues[0]?.path[0] ?? "MerchantName")));
    const { RefNo, Amount, CPI, Size } = parsed.data;
    const link = new URL("/phone", `http://${request.headers.host ?? "localhost"}`);
    link.search = new URLSearchParams({ payTo: CPI, account: RefNo, amount: String(Amount) }).toString();
    response.json({
      ResponseCode: ids.requestId(),
      RequestID: ids.requestId(),
      ResponseDescription: "QR Code Successfully Generated.",
      QRCode: toPng(encodeQr(link.href, "raw", { border: BORDER }), Size).toString("base64"),
    });
  };
}

function toPng(modules: boolean[][], size: number): Buffer {
  const image = new PNG({ width: size, height: size, colorType: 0 });
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const isDark = modules[Math.floor((y * modules.length) / size)]?.[Math.floor((x * modules.length) / size)] === true;
      image.data.fill(isDark ? 0 : 255, (y * size + x) * 4, (y * size + x) * 4 + 3);
      image.data[(y * size + x) * 4 + 3] = 255;
    }
  }
  return PNG.sync.write(image, { colorType: 0 });
}
