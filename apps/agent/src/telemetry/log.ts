import { pino, stdTimeFunctions, type DestinationStream, type Logger } from 'pino';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
export type Log = Logger;

/** Field names whose values never reach the log, at the top and three objects deep. */
const SECRET_FIELDS = ['key', 'token', 'authorization', 'password', 'cookie', 'secret', 'adminToken', 'ingestKey'];
const SECRET_PATHS = SECRET_FIELDS.flatMap((name) => ['', '*.', '*.*.', '*.*.*.'].map((prefix) => prefix + name));

/**
 * The agent's own log: one JSON object a line, on stderr, because stdout carries only the ready line that scripts wait for.
 * Written synchronously: it is off the hot path, and the lines before a crash are the ones that matter.
 */
export function createLog(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): Log {
  return pino(
    {
      level,
      // No pid and host: whoever collects container logs adds better ones.
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: [...SECRET_PATHS, '*["x-sentinel-key"]', '*.*["x-sentinel-key"]'], censor: '[redacted]' },
    },
    destination,
  );
}
