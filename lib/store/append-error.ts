import { StratalError } from '@/lib/errors/stratal-error';
import type { Sql } from './database';
import { isCertainlyNotCommitted, toStoreError } from './store-error';

/** The error of a commit: STRATAL_INGEST_UNCERTAIN where the connection broke before the answer, so that it may or may not have happened. */
export function toAppendError(sql: Sql, error: unknown): StratalError {
  if (isCertainlyNotCommitted(error)) return toStoreError(error);
  // postgres.js (3.4.9) fails the first query of a new session with what the lost one was told last: let it be no producer's.
  sql`select 1`.catch(() => {});
  return new StratalError(
    'STRATAL_INGEST_UNCERTAIN',
    'The database connection broke during the commit; send the same batch again with the same position.',
    { cause: error },
  );
}
