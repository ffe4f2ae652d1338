import type { Readable } from 'node:stream';
import { handle } from '@/app/api/handle';

export const dynamic = 'force-dynamic';

export function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return handle(request, 'read', async ({ runtime, parameters, header }) => {
    const acceptsGzip = acceptsEncoding(header('accept-encoding') ?? '', 'gzip');
    const { headers, body } = await runtime.rest.download((await params).id, parameters, acceptsGzip);
    return new Response(toWebStream(body), { headers });
  });
}

/** True where Accept-Encoding names a coding without `q=0` (RFC 9110 §12.5.3). */
function acceptsEncoding(accepted: string, coding: string): boolean {
  return accepted.split(',').some((part) => {
    const [name = '', ...options] = part.split(';').map((text) => text.trim().toLowerCase());
    return name === coding && !options.some((option) => /^q=0(\.0*)?$/.test(option));
  });
}

/** Pulls from Node's stream as the reader takes, and destroys it where the reader goes. */
function toWebStream(body: Readable): ReadableStream<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        controller.error(error);
      }
    },
    cancel: () => {
      body.destroy();
    },
  });
}
