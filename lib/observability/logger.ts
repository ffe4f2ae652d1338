import { type Logger, pino, stdSerializers } from 'pino';

export type { Logger };

/** The server's log: one JSON object a line on stderr, from `warn` up unless asked for more. */
export function openLogger(level: 'debug' | 'info' | 'warn' | 'error' | 'silent'): Logger {
  return pino(
    { level, base: undefined, timestamp: pino.stdTimeFunctions.isoTime, serializers: { err: serializeError } },
    pino.destination({ fd: 2, sync: true }),
  );
}

/** Without the statement and its parameters, which postgres.js leaves on its errors: they are megabytes, and people's lines. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { query: _, parameters: __, args: ___, types: ____, ...rest } = stdSerializers.err(error);
  return rest;
}
