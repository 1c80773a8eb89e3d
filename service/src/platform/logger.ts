import { pino, type Logger as PinoLogger } from "pino";
import { scrub } from "./masking.ts";

/** ERROR means that somebody must act now; what heals by itself is WARN. */
export type Logger = PinoLogger;

export const logLevels = ["fatal", "error", "warn", "info", "debug", "trace", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/**
 * Writes one JSON line per event to standard output.
 * @param write receives each finished line, with phone numbers and secrets already removed
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
