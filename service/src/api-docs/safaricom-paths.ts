/** The routes that Safaricom calls. */
import { z } from "zod";
import type { ZodOpenApiOperationObject, ZodOpenApiPathsObject } from "zod-openapi";
import { callbackAnswerSchema } from "../contract.ts";
import { json, noKeyNeeded, secretPath } from "./openapi-parts.ts";

const callbackOperation: ZodOpenApiOperationObject = {
  summary: "Receive the outcome of a push",
  tags: ["Safaricom"],
  security: noKeyNeeded,
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: z
          .unknown()
          .meta({ description: "Any body. It is stored as received, and counts only if all of it agrees with the attempt." }),
      },
    },
  },
  responses: {
    "200": json("Stored durably, whatever the body is.", callbackAnswerSchema, { ResultCode: 0, ResultDesc: "Accepted" }),
    "503": { description: "It could be stored neither in the database nor in the journal." },
  },
};

export const safaricomPaths: ZodOpenApiPathsObject = {
  "/callbacks/stk/{secret}": { post: { ...callbackOperation, operationId: "receiveStkCallback", requestParams: { path: secretPath } } },
  "/api/mpesa/callback": { post: { ...callbackOperation, operationId: "receiveStrangersCallback" } },
  "/api/mpesa/callback/{secret}": {
    post: { ...callbackOperation, operationId: "receiveOldStkCallback", requestParams: { path: secretPath } },
  },
  "/callbacks/c2b/validation/{secret}": {
    post: {
      operationId: "validatePaybillPayment",
      summary: "Validate a Paybill payment",
      tags: ["Safaricom"],
      security: noKeyNeeded,
      requestParams: { path: secretPath },
      requestBody: { required: true, content: { "application/json": { schema: z.unknown() } } },
      responses: {
        "200": json(
          "`ResultCode` `0` accepts the payment; `C2B00016`: the booking is paid, lapsed or cancelled.",
          z.object({ ResultCode: z.string(), ResultDesc: z.string() }),
          { ResultCode: "0", ResultDesc: "Accepted" },
        ),
      },
    },
  },
  "/callbacks/c2b/confirmation/{secret}": {
    post: {
      ...callbackOperation,
      operationId: "receivePaybillPayment",
      summary: "Receive a Paybill payment",
      requestParams: { path: secretPath },
    },
  },
  "/callbacks/result/{secret}": {
    post: {
      ...callbackOperation,
      operationId: "receiveResult",
      summary: "Receive the result of a code check or a refund",
      requestParams: { path: secretPath },
    },
  },
  "/callbacks/timeout/{secret}": {
    post: {
      ...callbackOperation,
      operationId: "receiveTimeout",
      summary: "Receive a timeout of a code check or a refund",
      requestParams: { path: secretPath },
    },
  },
};
