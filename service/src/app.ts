import { randomUUID } from "node:crypto";
import compression from "compression";
import express, { type Express, type Router } from "express";
import helmet from "helmet";
import { pinoHttp } from "pino-http";
import type { Registry } from "prom-client";
import type { Config } from "./config.ts";
import { errorHandler, notFound } from "./platform/error-handler.ts";
import type { Health } from "./platform/health.ts";
import type { Logger } from "./platform/logger.ts";
import { withTimeout } from "./platform/with-timeout.ts";
import { createCors } from "./sites/site-access.ts";
import type { SiteDirectory } from "./sites/site-directory.ts";
import type { UnreadableSite } from "./sites/site.ts";

/** The largest legitimate request is under 1 kB. */
const MAX_BODY = "16kb";
/** As long as the check of the database may take; then it is not known which sites cannot be read. */
const SITES_TIMEOUT_MS = 1_000;

/** Answers are data: shown as a page they do nothing and stand in no frame. The few that are pages say what they need themselves. */
const NO_PAGE = {
  useDefaults: false,
  directives: {
    "default-src": ["'none'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "frame-ancestors": ["'none'"],
    "object-src": ["'none'"],
  },
};

export type AppParts = {
  config: Pick<Config, "trustProxy">;
  logger: Logger;
  sites: SiteDirectory;
  registry: Registry;
  health: () => Promise<Health>;
  isStopping: () => boolean;
  /** For the doctor. */
  callerAddress: Router;
  callbacks: Router;
  widget: Router;
  docs: Router;
  api: Router[];
};

/** The order in which a request passes: log, headers, Safaricom's callbacks, files, health, then the API with CORS and JSON. */
export function createApp(parts: AppParts): Express {
  const { config, logger, sites } = parts;
  const app = express();
  app.set("trust proxy", config.trustProxy);
  app.set("query parser", "simple");
  app.set("etag", false);

  app.use(requestLog(logger));
  // Other sites' pages load our scripts and answers; CORS decides who may read an answer.
  app.use(helmet({ crossOriginResourcePolicy: { policy: "cross-origin" }, contentSecurityPolicy: NO_PAGE }));
  app.use((_request, response, next) => {
    if (parts.isStopping()) response.set("Connection", "close");
    next();
  });

  app.use(parts.callbacks);
  app.use(parts.widget);
  app.use(parts.docs);
  app.get("/livez", (_request, response) => void response.json({ status: "ok" }));
  app.get("/readyz", async (_request, response) => {
    const [health, unreadableSites] = await Promise.all([parts.health(), withTimeout(readUnreadable(sites), SITES_TIMEOUT_MS, () => null)]);
    const ready = health.ready && !parts.isStopping();
    response.status(ready ? 200 : 503).json({ ...health, ready, unreadableSites });
  });
  app.get("/metrics", async (_request, response) => {
    response.type(parts.registry.contentType).send(await parts.registry.metrics());
  });

  app.use(parts.callerAddress);

  // Owners' lists: on a slow phone a month of lessons takes half a second instead of five. Streams say `no-transform`, and are not compressed.
  app.use("/api/v1", compression());
  app.use("/api", createCors(sites));
  app.use(express.json({ limit: MAX_BODY, type: ["application/json", "application/*+json"] }));
  app.use(...parts.api);
  app.use(notFound);
  app.use(errorHandler);
  return app;
}

/** null: not known, because the database is away. */
function readUnreadable(sites: SiteDirectory): Promise<UnreadableSite[] | null> {
  return sites.unreadable().catch(() => null);
}

function requestLog(logger: Logger) {
  return pinoHttp({
    logger,
    genReqId: () => randomUUID(),
    customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? "warn" : "debug"),
    serializers: {
      req: (request: { id: unknown; method: unknown; url: unknown; remoteAddress: unknown }) => ({
        id: request.id,
        method: request.method,
        url: request.url,
        remoteAddress: request.remoteAddress,
      }),
      res: (response: { statusCode: unknown }) => ({ statusCode: response.statusCode }),
    },
  });
}
