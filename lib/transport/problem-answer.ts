import { isStratalError, StratalError } from '@/lib/errors/stratal-error';
import { PROBLEM_TYPE } from '@/lib/protocol/problem';

/** Any error as the one that a reader is told; what is not meant for users becomes STRATAL_INTERNAL. */
export function toPublicError(error: unknown): StratalError {
  if (isStratalError(error)) return error;
  return new StratalError('STRATAL_INTERNAL', 'The server failed; its log says why.', { cause: error });
}

/** An error as an HTTP answer (RFC 9457). */
export function problemAnswer(error: StratalError): { status: number; headers: Record<string, string>; body: string } {
  const { retryAfterSeconds } = error;
  return {
    status: error.status,
    headers: {
      'Content-Type': PROBLEM_TYPE,
      'Cache-Control': 'no-store',
      ...(retryAfterSeconds !== undefined && { 'Retry-After': String(retryAfterSeconds) }),
    },
    body: JSON.stringify(error.toProblem()),
  };
}
