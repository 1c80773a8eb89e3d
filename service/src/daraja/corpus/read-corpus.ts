/** Reads the recorded and documented bodies in this folder. `evidence` is the source of each: live, official, test, constructed, claimed. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const entrySchema = z.object({
  file: z.string(),
  kind: z.string(),
  /** The HTTP status; null for bodies that Safaricom sends to us. */
  http: z.number().int().nullable(),
  evidence: z.enum(["live", "official", "test", "constructed", "claimed"]),
});

export type CorpusBody = z.infer<typeof entrySchema> & { text: string };

function readText(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}

/** Every body whose file name starts with the prefix: `cb-`, `push-`, `query-`, `oauth-`. */
export function readCorpus(prefix: string): CorpusBody[] {
  const entries = z.array(entrySchema).parse(JSON.parse(readText("index.json")));
  return entries.filter(({ file }) => file.startsWith(prefix)).map((entry) => ({ ...entry, text: readText(entry.file) }));
}
