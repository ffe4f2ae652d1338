import { INGEST_LINE_BYTES_MAX } from '@/lib/protocol/limits';
import { parseJson } from './body-json';
import { type BodyLines, readLines } from './body-lines';
import { readValues, type ValuesKind } from './body-values';
import type { BodyFormat } from './content-type';

/**
 * The lines of a body. JSON is looked at first: an array begins with `[`; a first line that is JSON by itself makes it NDJSON;
 * all else is one value over several lines, or several of them.
 */
export async function* readBody(chunks: AsyncIterable<Buffer>, format: BodyFormat): AsyncGenerator<BodyLines> {
  if (format === 'ndjson') {
    yield* readLines(chunks);
    return;
  }
  const source = chunks[Symbol.asyncIterator]();
  try {
    const head = await readHead(source);
    const whole = replay(head.chunks, source);
    if (head.kind === 'lines') yield* readLines(whole);
    else yield* readValues(whole, head.kind);
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
async function readHead(source: AsyncIterator<Buffer>): Promise<BodyHead> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  while (byteCount <= INGEST_LINE_BYTES_MAX) {
    const next = await source.next();
    if (next.done) break;
    const chunk = chunks.length === 0 ? withoutBlankStart(next.value) : next.value;
    if (chunk.length === 0) continue;
    chunks.push(chunk);
    byteCount += chunk.length;
    if (chunks[0]?.[0] === OPEN_LIST) return { kind: 'array', chunks };
    const feed = chunk.indexOf(LINE_FEED);
    if (feed >= 0)
      return { kind: isJson([...chunks.slice(0, -1), chunk.subarray(0, feed)]) ? 'lines' : 'sequence', chunks };
  }
  return { kind: 'sequence', chunks };
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

function isJson(pieces: readonly Buffer[]): boolean {
  return parseJson(Buffer.concat(pieces).toString('utf8')).ok;
}

async function* replay(first: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}
