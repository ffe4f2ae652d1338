import { StratalError } from '@/lib/errors/stratal-error';
import { isCertainlyNotCommitted, toStoreError } from './store-error';

/** The error of a commit: STRATAL_INGEST_UNCERTAIN where the connection broke before the answer, so that it may or may not have happened. */
export function toAppendError(error: unknown): StratalError {
  if (isCertainlyNotCommitted(error)) return toStoreError(error);
  return new StratalError(
    'STRATAL_INGEST_UNCERTAIN',
    'The database connection broke during the commit; send the same batch again with the same position.',
    { cause: error },
  );
}
