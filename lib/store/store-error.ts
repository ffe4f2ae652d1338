import { StratalError } from '@/lib/errors/stratal-error';

/** postgres.js' own codes for a connection that was never made, so that no statement can have run. */
const NEVER_SENT = new Set(['CONNECT_TIMEOUT', 'ECONNREFUSED', 'ENOENT', 'CONNECTION_ENDED', 'EAI_AGAIN', 'ENOTFOUND']);
/** Class 57 (the server shuts down or starts), 53 (out of resources), 08 (connection). */
const UNAVAILABLE = /^(57P|53|08)/;
const SQL_STATE = /^[0-9A-Z]{5}$/;

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/**
 * True where the failed statement has surely not been committed: Postgres answered with an error that is not the loss of the
 * session itself, or the statement was never sent.
 */
export function isCertainlyNotCommitted(error: unknown): boolean {
  const code = codeOf(error);
  if (NEVER_SENT.has(code)) return true;
  return SQL_STATE.test(code) && !code.startsWith('57P') && !code.startsWith('08');
}

/** The error for users: STRATAL_STORE_DOWN where the database cannot be reached, else STRATAL_INTERNAL. */
export function toStoreError(error: unknown): StratalError {
  const code = codeOf(error);
  if (SQL_STATE.test(code) && !UNAVAILABLE.test(code)) {
    return new StratalError('STRATAL_INTERNAL', 'The database refused a statement; the server’s log has the details.', {
      cause: error,
    });
  }
  if (code !== '') {
    return new StratalError('STRATAL_STORE_DOWN', 'The database does not answer; try again in a moment.', {
      cause: error,
    });
  }
  return new StratalError('STRATAL_INTERNAL', 'Something went wrong on the server; its log has the details.', {
    cause: error,
  });
}
