import { READER_HIGH_WATER_BYTES } from '@/lib/protocol/limits';
import { fromWebRequest } from '@/lib/transport/access';
import type { Session } from '@/lib/transport/session';
import { SSE_OPENING } from './events';
import type { SseEndpoint } from './sse-endpoint';
import { SseSink } from './sse-sink';

/** Answers a web Request with the event stream, as an App Router route handler does. */
export async function sseResponse(endpoint: SseEndpoint, request: Request): Promise<Response> {
  const answer = await endpoint.answer(fromWebRequest(request));
  if (answer.kind === 'whole') {
    return new Response(answer.body ?? null, { status: answer.status, headers: answer.headers });
  }
  let session: Session<Buffer> | undefined;
  const stop = () => (session ? session.stop() : answer.opened.release());
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let isOpen = true;
        controller.enqueue(SSE_OPENING);
        const sink = new SseSink(
          {
            get unsentBytes() {
              return READER_HIGH_WATER_BYTES - (controller.desiredSize ?? READER_HIGH_WATER_BYTES);
            },
            write(chunks) {
              if (isOpen) controller.enqueue(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
            },
            end() {
              if (isOpen) controller.close();
              isOpen = false;
            },
          },
          answer.request.partial,
        );
        session = answer.opened.start(sink, endpoint.encoderOf(answer.request));
      },
      pull: () => session?.drained(),
      cancel: () => stop(),
    },
    // Counts bytes: the default strategy counts chunks and would hold any amount.
    new ByteLengthQueuingStrategy({ highWaterMark: READER_HIGH_WATER_BYTES }),
  );
  // Next tells of a reader that left by both, in either order.
  if (request.signal.aborted) stop();
  else request.signal.addEventListener('abort', stop, { once: true });
  return new Response(body, { status: 200, headers: answer.headers });
}
