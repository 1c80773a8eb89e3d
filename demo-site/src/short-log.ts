import { z } from "zod";

const lineSchema = z.object({
  level: z.string(),
  msg: z.string().default(""),
  reason: z.string().optional(),
  problem: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
});

/** A short form of the service's log line for the demo: what happened, and why. LOG_LEVEL shows the full lines instead. */
export function shortLogLine(line: string): string {
  const parsed = lineSchema.safeParse(asJson(line));
  if (!parsed.success) return line;
  const { level, msg, reason, problem, err } = parsed.data;
  const why = [reason, problem, err?.message].filter((part) => part !== undefined).join("; ");
  return `  service, ${level}: ${msg}${why === "" ? "" : ` (${why})`}\n`;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
