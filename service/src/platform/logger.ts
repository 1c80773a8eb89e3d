import { pino, type Logger as PinoLogger } from "pino";
import { scrub } from "./masking.ts";

/** ERROR means that somebody must act now; what heals itself is WARN. */
export type Logger = PinoLogger;

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * One JSON line an event, on standard output.
 * @param write where finished lines go; each is scrubbed of phone numbers and secrets first
 */
export function createLogger(level: LogLevel, write: (line: string) => void = (line) => void process.stdout.write(line)): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ["req.headers.authorization", "req.headers.cookie", 'req.headers["x-site-key"]'], remove: true },
    },
    { write: (line: string) => write(scrub(line)) },
  );
}
