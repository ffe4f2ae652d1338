import postgres from 'postgres';
import { isStratalError, StratalError } from '@/lib/errors/stratal-error';

/** postgres.js' own codes for a connection that was never made, so that no statement can have run. */
const NEVER_SENT = new Set(['CONNECT_TIMEOUT', 'ECONNREFUSED', 'ENOENT', 'CONNECTION_ENDED', 'EAI_AGAIN', 'ENOTFOUND']);
/** Of a session that was there; `ECONNRESET`, `EPIPE` and `ETIMEDOUT` are the system's. */
const LOST = new Set(['CONNECTION_CLOSED', 'CONNECTION_DESTROYED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT']);
/** Class 57 (the server shuts down or starts), 53 (out of resources), 08 (connection). */
const UNAVAILABLE = /^(57P|53|08)/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The state that Postgres itself answered; undefined where the connection failed. `EPIPE` only looks like an SQLSTATE. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof postgres.PostgresError ? error.code : undefined;
}

/**
 * True where the failed statement has surely not been committed: Postgres answered with an error that is not the loss of the
 * session itself, or the statement was never sent.
 */
export function isCertainlyNotCommitted(error: unknown): boolean {
  if (NEVER_SENT.has(codeOf(error))) return true;
  const state = sqlStateOf(error);
  return state !== undefined && !state.startsWith('57P') && !state.startsWith('08');
}

/** True where the session was lost in the statement, or Postgres ended it with a word (57P01 to 57P03). */
export function isLostSession(error: unknown): boolean {
  return LOST.has(codeOf(error)) || (sqlStateOf(error)?.startsWith('57P') ?? false);
}

/** For rows that ended before they were all there, which the driver does not tell by itself. */
export function stoppedAnswer(): StratalError {
  return new StratalError('STRATAL_STORE_DOWN', 'The database stopped in the middle of an answer; ask again.');
}

/** The driver's error without the statement and its values, which it shows to whatever prints it: they may be megabytes, and people's lines. */
export function withoutValues(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack } = error;
  return Object.assign(new Error(message), { name, stack, ...(codeOf(error) !== '' && { code: codeOf(error) }) });
}

/** The error for users: STRATAL_STORE_DOWN where the database cannot be reached, else STRATAL_INTERNAL; one that is for users already stays. */
export function toStoreError(error: unknown): StratalError {
  if (isStratalError(error)) return error;
  const state = sqlStateOf(error);
  if (state !== undefined && !UNAVAILABLE.test(state)) {
    return new StratalError('STRATAL_INTERNAL', 'The database refused a statement; the server’s log has the details.', {
      cause: withoutValues(error),
    });
  }
  if (codeOf(error) !== '') {
    return new StratalError('STRATAL_STORE_DOWN', 'The database does not answer; try again in a moment.', {
      cause: withoutValues(error),
    });
  }
  return new StratalError('STRATAL_INTERNAL', 'Something went wrong on the server; its log has the details.', {
    cause: withoutValues(error),
  });
}
