import { type Logger, pino, stdTimeFunctions } from "pino";

/** One JSON object a line on stdout: time, level, service, message and what the call adds. */
export function createLogger(service: string): Logger {
  return pino({
    base: { service },
    messageKey: "message",
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}
