import { ApiError, StreamError } from '@/lib/client/client-errors';

/** The lines that were asked for are not the run's. */
export class NoSuchLines extends Error {}

export interface FailedReading {
  baseUrl: string;
  /** The run's address named the server, not the environment. */
  isAddressed: boolean;
  /** The token of STRATAL_URL was not sent to this server. */
  isWithheld: boolean;
  lastPrinted: number | undefined;
}

/** Why lines could not be read and what to do; undefined where the error is none of reading. */
export function describeReadFailure(error: unknown, reading: FailedReading): string | undefined {
  const { baseUrl, isAddressed, isWithheld, lastPrinted } = reading;
  const rest = lastPrinted === undefined ? '' : ` Line ${lastPrinted} was the last; --after ${lastPrinted} goes on.`;
  if (error instanceof NoSuchLines) return error.message;
  if (error instanceof StreamError && error.kind === 'connection') {
    const otherwise = isAddressed ? 'correct the address' : 'name another one by STRATAL_URL';
    return `${baseUrl} does not answer. Start the server, or ${otherwise}.${rest}`;
  }
  if (error instanceof StreamError) return `${error.message}${rest}`;
  if (!(error instanceof ApiError)) return undefined;
  if (error.code === 'STRATAL_NO_RUN') {
    return `${error.message} ${baseUrl} lists those there are${isAddressed ? '' : '; STRATAL_URL names another server'}.`;
  }
  if (error.code === 'STRATAL_NO_ROUTE') return `${baseUrl} is not the address of a Stratal server: ${error.message}`;
  if (isWithheld && (error.status === 401 || error.status === 403)) {
    return `${error.message} STRATAL_TOKEN is sent to the server of STRATAL_URL alone, and ${baseUrl} is another one.`;
  }
  return `${error.message}${rest}`;
}
