import { pino, stdSerializers, type Logger as PinoLogger } from "pino";
import { scrub, scrubStatement } from "./masking.ts";

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
      serializers: { err: errorWithoutValues },
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ["req.headers.authorization", "req.headers.cookie", 'req.headers["x-site-key"]'], remove: true },
    },
    { write: (line: string) => write(scrub(line)) },
  );
}

/** A database's error repeats the values of its statement (names, e-mail addresses): what is logged has none of them. */
function errorWithoutValues(error: Error): object {
  const logged = stdSerializers.err(error);
  const isOfDatabase = "code" in error && typeof error.code === "string" && /^(ER_|SQLITE_)/.test(error.code);
  if (!isOfDatabase) return logged;
  const { type, message, stack } = logged;
  return { type, code: error.code, message: scrubStatement(message), stack: scrubStatement(stack) };
}
