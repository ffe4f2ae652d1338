import { type Logger, pino, stdSerializers } from 'pino';

export type { Logger };

/** The server's log: one JSON object a line on stderr, from `warn` up unless asked for more. */
export function openLogger(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Logger {
  return pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: serializeError } },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** What postgres.js leaves on its errors: megabytes, and people's lines. */
const VALUES = ['query', 'parameters', 'args', 'types'];

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const told = Object.entries(stdSerializers.err(error)).filter(([name]) => !VALUES.includes(name));
  return Object.fromEntries(told);
}
