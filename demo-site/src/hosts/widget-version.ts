import { readFileSync } from "node:fs";
import { z } from "zod";

/** The version of this repository's widget, which the demo's service serves. */
export const WIDGET_VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL("../../../widget/package.json", import.meta.url), "utf8"))).version;
