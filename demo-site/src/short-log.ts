import { z } from "zod";

const lineSchema = z.object({
  level: z.string(),
  msg: z.string().default(""),
  reason: z.string().optional(),
  problem: z.string().optional(),
  err: z.object({ message: z.string() }).optional(),
});

/** A line of the service's log as somebody beside a demo wants it: what happened, and why. LOG_LEVEL brings the whole lines back. */
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
