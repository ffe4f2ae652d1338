import type { IncomingMessage } from 'node:http';
import { StratalError } from '@/lib/errors/stratal-error';

/**
 * Refuses a request that Node takes for one and that is none: without a host or with several, of which a proxy before us may have judged
 * another one (RFC 9112 §3.2), or with an expectation that nobody can meet.
 */
export function refuseOddRequest({ rawHeaders, headers, httpVersion }: IncomingMessage): void {
  const hosts = rawHeaders.filter((text, index) => index % 2 === 0 && text.toLowerCase() === 'host').length;
  if (hosts > 1 || (hosts === 0 && httpVersion !== '1.0')) {
    throw new StratalError('STRATAL_BAD_REQUEST', 'A request must have one Host field.');
  }
  const { expect } = headers;
  if (expect !== undefined && expect.trim().toLowerCase() !== '100-continue') {
    throw new StratalError('STRATAL_EXPECTATION', 'Expect: nothing but 100-continue can be expected; leave it out.');
  }
}
