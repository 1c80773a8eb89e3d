import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import { z } from "zod";
import { ServiceError } from "./errors.ts";
import { isDatabaseDown } from "./database.ts";

/** Parses input from outside. @throws ServiceError that lists every problem, by field */
export function parseOrThrow<Output>(schema: z.ZodType<Output>, input: unknown): Output {
  if (input === undefined || input === null || typeof input !== "object" || Array.isArray(input)) throw new ServiceError("not_json");
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const errors = result.error.issues
    .flatMap((issue) =>
      issue.code === "unrecognized_keys"
        ? issue.keys.map((key) => ({ field: [...issue.path, key].join("."), message: "is not known here" }))
        : [{ field: issue.path.join("."), message: issue.message }],
    )
    // A value of a wrong type breaks several rules of its field; the first is enough.
    .filter(({ field }, index, all) => all.findIndex((error) => error.field === field) === index);
  throw new ServiceError("invalid_request", { errors, detail: errors.map(({ field, message }) => `${field}: ${message}`).join("; ") });
}

export const notFound: RequestHandler = () => {
  throw new ServiceError("not_found");
};

export const errorHandler: ErrorRequestHandler = (error: unknown, request, response, next) => {
  if (response.headersSent) {
    next(error);
    return;
  }
  const known = toServiceError(error);
  if (known.status >= 500 && known.code === "internal") request.log.error({ err: error }, "request failed");
  else if (known.code === "unavailable") request.log.warn({ err: error }, "request could not be served");
  sendProblem(response, known);
};

export function sendProblem(response: Response, error: ServiceError): void {
  if (error.extras.retryAfterMs !== undefined)
    response.set("Retry-After", String(Math.max(1, Math.ceil(error.extras.retryAfterMs / 1000))));
  response.status(error.status).type("application/problem+json").send(JSON.stringify(error.toProblem()));
}

const bodyParserErrorSchema = z.object({ type: z.string(), status: z.number() });

function toServiceError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error;
  if (isDatabaseDown(error)) return new ServiceError("unavailable", { cause: error, retryAfterMs: 2_000 });
  if (error instanceof URIError) return new ServiceError("not_found", { cause: error });
  const fromParser = bodyParserErrorSchema.safeParse(error);
  if (fromParser.success) {
    if (fromParser.data.type === "entity.too.large") return new ServiceError("body_too_large", { cause: error });
    if (fromParser.data.status < 500) return new ServiceError("not_json", { cause: error });
  }
  return new ServiceError("internal", { cause: error });
}
