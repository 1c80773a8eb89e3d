/** Reads the recorded and documented bodies of this folder; README.md says where they come from. */
import { readFileSync } from "node:fs";
import { z } from "zod";

const indexSchema = z.array(
  z.object({
    file: z.string(),
    kind: z.string(),
    /** The HTTP status that it came with; null for bodies that Safaricom sends to us. */
    http: z.number().int().nullable(),
    evidence: z.enum(["live", "official", "test", "constructed", "claimed"]),
    source: z.string(),
    note: z.string(),
  }),
);

export type Recording = z.infer<typeof indexSchema>[number] & { text: string };

/** The text of one body, byte for byte. */
export function readRecording(file: string): string {
  return readFileSync(new URL(file, import.meta.url), "utf8");
}

/** Every body whose file name begins with the prefix (`cb-`, `push-`, `query-`, `oauth-`), in the order of the index. */
export function readRecordings(prefix = ""): Recording[] {
  const index = indexSchema.parse(JSON.parse(readRecording("index.json")));
  return index
    .filter(({ file }) => file.startsWith(prefix))
    .map((entry) => ({ ...entry, text: readRecording(entry.file) }));
}
