/** The files that pages load, and what the operator asks. */
import { z } from "zod";
import type { ZodOpenApiPathsObject } from "zod-openapi";
import { json, noKeyNeeded, problems } from "./openapi-parts.ts";

export const servedPaths: ZodOpenApiPathsObject = {
  "/widget.js": {
    get: {
      operationId: "getWidget",
      summary: "Get the newest widget",
      tags: ["widget"],
      security: noKeyNeeded,
      responses: {
        "200": { description: "One self-registering script that works as a module and as a classic script. `ETag`, gzip, Brotli." },
      },
    },
  },
  "/widget/{version}/{file}": {
    get: {
      operationId: "getWidgetFile",
      summary: "Get a file of one widget version",
      description: "Immutable. `somo-pay.js` is the script, which has everything; `somo-pay.all.js` is an older name of the same file.",
      tags: ["widget"],
      security: noKeyNeeded,
      requestParams: { path: z.object({ version: z.string(), file: z.string() }) },
      responses: { "200": { description: "The file. `ETag`, gzip, Brotli." }, ...problems("not_found") },
    },
  },
  "/widget/{version}/integrity.json": {
    get: {
      operationId: "getIntegrity",
      summary: "Get the integrity hashes of a widget version",
      tags: ["widget"],
      security: noKeyNeeded,
      requestParams: { path: z.object({ version: z.string() }) },
      responses: {
        "200": json("A hash for each file name, for `integrity` attributes.", z.record(z.string(), z.string()), {
          "somo-pay.js": "sha384-…",
        }),
        ...problems("not_found"),
      },
    },
  },
  "/livez": {
    get: {
      operationId: "checkLiveness",
      summary: "Check liveness",
      tags: ["operator"],
      security: noKeyNeeded,
      responses: { "200": { description: "The process runs." } },
    },
  },
  "/readyz": {
    get: {
      operationId: "checkReadiness",
      summary: "Check readiness",
      tags: ["operator"],
      security: noKeyNeeded,
      responses: {
        "200": {
          description:
            "A callback can be stored durably, in the database or in the journal. The body shows each dependency, and sites that cannot be read.",
        },
        "503": { description: "No callback can be stored, or the copy is stopping." },
      },
    },
  },
  "/metrics": {
    get: {
      operationId: "getMetrics",
      summary: "Get Prometheus metrics",
      tags: ["operator"],
      security: noKeyNeeded,
      responses: { "200": { description: "Prometheus text format. Keep it behind the proxy." } },
    },
  },
};
