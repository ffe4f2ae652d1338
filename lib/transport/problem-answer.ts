import { isStratalError, StratalError } from '@/lib/errors/stratal-error';
import { PROBLEM_TYPE } from '@/lib/protocol/problem';

/** Any error as the one that a reader is told; what is not meant for users becomes STRATAL_INTERNAL. */
export function toPublicError(error: unknown): StratalError {
  if (isStratalError(error)) return error;
  return new StratalError('STRATAL_INTERNAL', 'The server failed; its log says why.', { cause: error });
}

/** Seconds after which a refused request is worth another try: a server that starts or stops is soon back, a disk takes longer. */
const RETRY_AFTER: Record<number, string> = { 503: '1', 507: '5' };

/** An error as an HTTP answer (RFC 9457). */
export function problemAnswer(error: StratalError): { status: number; headers: Record<string, string>; body: string } {
  return {
    status: error.status,
    headers: {
      'Content-Type': PROBLEM_TYPE,
      'Cache-Control': 'no-store',
      ...(RETRY_AFTER[error.status] !== undefined && { 'Retry-After': RETRY_AFTER[error.status] }),
    },
    body: JSON.stringify(error.toProblem()),
  };
}
