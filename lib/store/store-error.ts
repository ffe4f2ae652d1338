import postgres from 'postgres';
import { StratalError } from '@/lib/errors/stratal-error';

/** postgres.js' own codes for a connection that was never made, so that no statement can have run. */
const NEVER_SENT = new Set(['CONNECT_TIMEOUT', 'ECONNREFUSED', 'ENOENT', 'CONNECTION_ENDED', 'EAI_AGAIN', 'ENOTFOUND']);
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

/** For rows that ended before they were all there, which the driver does not tell by itself. */
export function stoppedAnswer(): StratalError {
  return new StratalError('STRATAL_STORE_DOWN', 'The database stopped in the middle of an answer; ask again.');
}

/** The error for users: STRATAL_STORE_DOWN where the database cannot be reached, else STRATAL_INTERNAL. */
export function toStoreError(error: unknown): StratalError {
  const state = sqlStateOf(error);
  if (state !== undefined && !UNAVAILABLE.test(state)) {
    return new StratalError('STRATAL_INTERNAL', 'The database refused a statement; the server’s log has the details.', {
      cause: error,
    });
  }
  if (codeOf(error) !== '') {
    return new StratalError('STRATAL_STORE_DOWN', 'The database does not answer; try again in a moment.', {
      cause: error,
    });
  }
  return new StratalError('STRATAL_INTERNAL', 'Something went wrong on the server; its log has the details.', {
    cause: error,
  });
}
