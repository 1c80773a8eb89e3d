/**
 * The tutoring site alone, with a service that runs elsewhere: `node demo-site/main.ts`.
 *
 * DEMO_PORT (8080), SERVICE_URL (the service as browsers reach it), SERVICE_INTERNAL_URL (as this server reaches it; default SERVICE_URL),
 * SITE_PUBLISHABLE_KEY, SITE_SECRET_KEY, PHONE_URL (the simulator's phone page; without it, no phone is shown), DEMO_DATA_DIR (data/demo).
 */
import { resolve } from "node:path";
import { z } from "zod";
import { startDemoSite } from "./src/demo-site.ts";
import { siteFile } from "./src/lessons.ts";
import { portFrom, StartError } from "./src/listen.ts";
import { runUntilTold } from "./src/run-until-told.ts";

const address = (name: string) =>
  z
    .string({ error: `${name} must be set` })
    .refine(
      (text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol),
      `${name} must be an address such as http://localhost:3000`,
    )
    .transform((text) => text.replace(/\/+$/, ""));

const environmentSchema = z.object({
  SERVICE_URL: address("SERVICE_URL"),
  SERVICE_INTERNAL_URL: address("SERVICE_INTERNAL_URL").optional(),
  SITE_PUBLISHABLE_KEY: z.string().default(siteFile.publishableKey ?? ""),
  SITE_SECRET_KEY: z.string({ error: "SITE_SECRET_KEY must be set: `somopay site add` printed it" }),
  PHONE_URL: address("PHONE_URL").optional(),
  DEMO_DATA_DIR: z.string().default(resolve(import.meta.dirname, "..", "data", "demo")),
});

function settings() {
  // An empty variable counts as not set.
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== undefined && value.trim() !== ""));
  const result = environmentSchema.safeParse(given);
  if (!result.success) throw new StartError(`${result.error.issues.map(({ message }) => message).join("; ")}.`);
  return result.data;
}

async function start() {
  const env = settings();
  const site = await startDemoSite({
    port: portFrom(process.env, "DEMO_PORT", 8080),
    serviceUrl: env.SERVICE_URL,
    serviceInternalUrl: env.SERVICE_INTERNAL_URL ?? env.SERVICE_URL,
    publishableKey: env.SITE_PUBLISHABLE_KEY,
    secretKey: env.SITE_SECRET_KEY,
    phoneUrl: env.PHONE_URL ?? null,
    dataDir: env.DEMO_DATA_DIR,
  });
  console.log(`Tutoring site   http://localhost:${site.port}`);
  return site;
}

await runUntilTold(start, (error) => error instanceof StartError);
