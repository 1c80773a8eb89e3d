/** A QR code for the M-Pesa app: scanning it fills in paybill, account number and amount. */
import { readErrorBody } from "./daraja-errors.ts";
import type { QrAnswer, QrRequest } from "./daraja-types.ts";
import { own, parseObject, safeText } from "./untrusted-json.ts";

export const QR_PATH = "/mpesa/qrcode/v1/generate";

/** In pixels; shown at half this size, so that it is sharp on high-density screens. */
const SIZE = 400;
const MERCHANT_MAX = 40;
const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

export function buildQrBody({ merchant, paybill, reference, amountKes }: QrRequest) {
  return {
    MerchantName: merchant.slice(0, MERCHANT_MAX),
    RefNo: reference,
    Amount: amountKes,
    TrxCode: "PB",
    CPI: paybill,
    Size: String(SIZE),
  };
}

/** Accepts only a PNG: nothing else may reach a browser. */
export function readQrAnswer(httpStatus: number, bodyText: string): QrAnswer {
  const body = parseObject(bodyText);
  const code = own(body, "QRCode");
  const png = typeof code === "string" ? Buffer.from(code.replace(/^data:image\/png;base64,/, ""), "base64") : null;
  if (png?.subarray(0, PNG_SIGNATURE.length).equals(PNG_SIGNATURE)) return { kind: "image", png };
  const error = readErrorBody(body);
  return { kind: "none", message: error ? `${error.code} ${safeText(error.text)}` : `HTTP ${httpStatus} without a PNG` };
}
