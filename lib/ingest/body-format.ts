import { INGEST_LINE_BYTES_MAX } from '@/lib/protocol/limits';
import { parseJson } from './body-json';
import { type BodyLines, type HoldBytes, holdAny, PendingBytes, readLines } from './body-lines';
import { readValues, type ValuesKind } from './body-values';
import type { BodyFormat } from './content-type';

/**
 * The lines of a body. JSON is looked at first: an array begins with `[`; a first line that is JSON by itself makes it NDJSON;
 * all else is one value over several lines, or several of them.
 */
export async function* readBody(
  chunks: AsyncIterable<Buffer>,
  format: BodyFormat,
  hold: HoldBytes = holdAny,
): AsyncGenerator<BodyLines> {
  if (format === 'ndjson') {
    yield* readLines(chunks, hold);
    return;
  }
  const source = chunks[Symbol.asyncIterator]();
  try {
    const { kind, chunks: head } = await readHead(source, hold);
    const whole = replay(head, source);
    if (kind === 'lines') yield* readLines(whole, hold);
    else yield* readValues(whole, kind, hold);
  } finally {
    await source.return?.();
  }
}

interface BodyHead {
  kind: 'lines' | ValuesKind;
  /** What was read of the body, without white space before its first value. */
  chunks: Buffer[];
}

/** Reads up to the bracket of an array, or to the end of the first line. */
async function readHead(source: AsyncIterator<Buffer>, hold: HoldBytes): Promise<BodyHead> {
  const pending = new PendingBytes(hold);
  let byteCount = 0;
  for (let next = await source.next(); !next.done; next = await source.next()) {
    const chunk = byteCount === 0 ? withoutBlankStart(next.value) : next.value;
    if (chunk.length === 0) continue;
    if (byteCount === 0 && chunk[0] === OPEN_LIST) return { kind: 'array', chunks: [chunk] };
    const feed = chunk.indexOf(LINE_FEED);
    if (feed >= 0 && byteCount + feed <= INGEST_LINE_BYTES_MAX) {
      const pieces = pending.takePieces();
      const isLine = isJson(Buffer.concat([...pieces, chunk.subarray(0, feed)]));
      return { kind: isLine ? 'lines' : 'sequence', chunks: [...pieces, chunk] };
    }
    byteCount += chunk.length;
    if (byteCount > INGEST_LINE_BYTES_MAX) return { kind: 'sequence', chunks: [...pending.takePieces(), chunk] };
    pending.add(chunk);
  }
  return { kind: 'sequence', chunks: pending.takePieces() };
}

const OPEN_LIST = 0x5b;
const LINE_FEED = 0x0a;

/** A chunk from its first byte on that is neither white space nor of a byte order mark. */
function withoutBlankStart(chunk: Buffer): Buffer {
  let start = 0;
  while (start < chunk.length && BLANK_BYTES.has(chunk[start] ?? 0)) start++;
  return chunk.subarray(start);
}

const BLANK_BYTES: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf]);

function isJson(line: Buffer): boolean {
  return parseJson(line.toString('utf8')).ok;
}

/** Gives each chunk away: those of the head would else stay as long as the body goes on. */
async function* replay(head: Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  for (let chunk = head.shift(); chunk; chunk = head.shift()) yield chunk;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
