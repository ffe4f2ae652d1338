import { type Logger, pino } from 'pino';

export type { Logger };

/** The server's log: one JSON object a line on stderr, from `warn` up unless asked for more. */
export function openLogger(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Logger {
  return pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}
