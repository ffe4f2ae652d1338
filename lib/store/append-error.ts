import { setTimeout as wait } from 'node:timers/promises';
import { StratalError } from '@/lib/errors/stratal-error';
import { isCertainlyNotCommitted, sqlStateOf, toStoreError, withoutValues } from './store-error';

/** The error of a commit: STRATAL_INGEST_UNCERTAIN where the connection broke before the answer, so that it may or may not have happened. */
export async function toAppendError(error: unknown): Promise<StratalError> {
  // Told before the connection is closed: what is asked of it in between is lost with it, though it was never sent.
  if (sqlStateOf(error) === undefined) await wait(1);
  if (isCertainlyNotCommitted(error)) return toStoreError(error);
  return new StratalError(
    'STRATAL_INGEST_UNCERTAIN',
    'The database connection broke during the commit; send the same batch again with the same position.',
    { cause: withoutValues(error) },
  );
}
