import { pipeline } from 'node:stream';
import { createGzip } from 'node:zlib';
import { handleRun, type IdContext } from '@/app/api/handle';
import { toWebStream } from '@/app/api/web-stream';

export const dynamic = 'force-dynamic';

/**
 * A run's lines as a file, never compressed in transit: Next takes Content-Encoding off what handlers answer. Stratal's own server
 * answers this address before Next does, with it.
 */
export function GET(request: Request, context: IdContext): Promise<Response> {
  return handleRun(request, 'read', context, async ({ runtime, id, parameters }) => {
    const { headers, body, isGzipped } = await runtime.rest.download(id, parameters, false);
    // A failure of the source destroys the gzip stream too, and so ends the answer unfinished.
    const file = isGzipped ? pipeline(body, createGzip(), () => {}) : body;
    return new Response(toWebStream(file), { headers });
  });
}
