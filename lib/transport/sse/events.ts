import { type LineFormat, type Offsets, offsetsFor } from '@/lib/feed/line-encoder';
import { ByteScratch } from '@/lib/transport/byte-scratch';
import { cursorAfterLine, type StreamScope } from '@/lib/transport/line-cursor';
import { writeInGroups } from '@/lib/transport/line-groups';
import type { ControlFrame } from '@/lib/transport/stream-sink';

/** `no-transform`: Next and proxies would gzip the stream otherwise. `X-Accel-Buffering`: nginx would hold it back. */
export const SSE_HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-transform',
  'X-Accel-Buffering': 'no',
} as const;

/** How long EventSource waits before it comes back. */
const RETRY_MS = 1000;
/** Browsers and proxies hold a first chunk under 1 kB back. */
const PADDING_CHARS = 1100;

/** A stream that has nothing to say but when to come back. */
export const SSE_RETRY = `retry: ${RETRY_MS}\n\n`;

/** What a stream begins with. */
export const SSE_OPENING = Buffer.from(`retry: ${RETRY_MS}\n:${' '.repeat(PADDING_CHARS)}\n\n`);

/**
 * Lines as events `log`, one behind the other. JSON has no raw line feed, so each is one `data:` field. `isChunked`: a block, or a part of
 * one, is a chunk of HTTP/1.1 (RFC 9112 §7.1), which can be written to a connection as it is. One for each line would be as many reads at
 * clients whose HTTP parser hands out chunks.
 */
export function eventFormat(epoch: string, scope: StreamScope, isChunked = false): LineFormat<Buffer> {
  const scratch = new ByteScratch();
  return {
    encode({ batch, from, to, entry }) {
      const offsets = offsetsFor(to - from);
      const eventOf = (index: number) => {
        const cursor = cursorAfterLine(epoch, batch.runKey, batch.firstLine + index, entry);
        const json = batch.toJson(index, scope === 'global' ? cursor : undefined);
        return `id: ${cursor}\nevent: log\ndata: ${json}\n\n`;
      };
      writeInGroups(from, to, eventOf, (events, start) =>
        writeEvents(scratch, events, batch.isAscii, offsets, start - from),
      );
      const data = scratch.take();
      return { data: isChunked ? httpChunk(data) : data, offsets };
    },
    slice: isChunked ? partsAsChunks() : (data, start, end) => data.subarray(start, end),
  };
}

/** Parts that are kept: readers that keep up are written the same ones in turn. */
const PARTS_KEPT = 8;

/** Frames parts of blocks, each once for all readers that ask for it about the same time. */
function partsAsChunks(): LineFormat<Buffer>['slice'] {
  const kept: Array<{ data: Buffer; start: number; end: number; chunk: Buffer }> = [];
  return (data, start, end) => {
    const known = kept.find((part) => part.data === data && part.start === start && part.end === end);
    if (known) return known.chunk;
    const chunk = httpChunk(contentOf(data).subarray(start, end));
    kept.push({ data, start, end, chunk });
    if (kept.length > PARTS_KEPT) kept.shift();
    return chunk;
  };
}

/** Events one behind the other; the end of each is noted in `offsets`, whose place `at` is the first one's start. */
function writeEvents(
  scratch: ByteScratch,
  events: readonly string[],
  isAscii: boolean,
  offsets: Offsets,
  at: number,
): void {
  let end = scratch.length;
  if (isAscii) scratch.writeAscii(events.join(''));
  for (const [index, event] of events.entries()) {
    end += isAscii ? event.length : scratch.write(event);
    offsets[at + index + 1] = end;
  }
}

export function controlEvent({ type, payload }: ControlFrame, isChunked = false): Buffer {
  const event = `id: ${payload.cursor}\nevent: ${type}\ndata: ${JSON.stringify(payload)}\n\n`;
  return isChunked ? httpChunk(Buffer.from(event)) : Buffer.from(event);
}

const CHUNK_END = Buffer.from('\r\n');

function httpChunk(content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, CHUNK_END]);
}

/** What is in one chunk. */
function contentOf(chunk: Buffer): Buffer {
  return chunk.subarray(chunk.indexOf(CHUNK_END) + CHUNK_END.length, -CHUNK_END.length);
}
