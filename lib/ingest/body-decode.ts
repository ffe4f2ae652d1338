import { isStratalError, StratalError } from '@/lib/errors/stratal-error';
import { readBody } from './body-format';
import type { BodyHold } from './body-hold';
import { parseJson } from './body-json';
import { type BodyLines, linesOf } from './body-lines';
import { decodeContent } from './content-encoding';
import { parseContentType } from './content-type';
import { type DecodedLine, decodeLine, type LineDefaults } from './decode-line';

export type { DecodedLine } from './decode-line';

interface IngestBodyInput {
  /** A buffer is a small body that is there as a whole. */
  body: AsyncIterable<Uint8Array> | Buffer;
  contentType: string | undefined;
  contentEncoding: string | undefined;
  defaults: LineDefaults;
  /** Counts what is held of a line that has not ended. Absent: nobody does. */
  hold?: BodyHold;
}

/** Lines that arrived together, in the body's order. */
export interface DecodedBatch {
  lines: DecodedLine[];
  /** What is wrong with what follows these lines; the last batch. It names the `line`, where it can, and the `field`. */
  error?: StratalError;
}

/**
 * Decodes an ingest body as it arrives, whatever its size. It never throws for what a client did: the last batch has the error,
 * behind all lines that are good before it. A partial line comes last, when the body has ended well.
 *
 * Leaving the loop early calls `return` of the body's iterator; a Node request is then destroyed unless it was passed as
 * `request.iterator({ destroyOnReturn: false })`.
 */
export async function* decodeBody(input: IngestBodyInput): AsyncGenerator<DecodedBatch> {
  const decoder = new BodyDecoder(input.defaults);
  try {
    for await (const lines of linesIn(input)) {
      const batch = decoder.decode(lines);
      if (batch.error || batch.lines.length > 0) yield batch;
      if (batch.error) return;
    }
  } catch (error) {
    yield { lines: [], error: decoder.located(error) };
    return;
  } finally {
    input.hold?.hold(0);
  }
  const partial = decoder.takePartial();
  if (partial) yield { lines: [partial] };
}

/** NDJSON that is there as a whole is cut in one turn: a line that is posted alone would wait longer for a chain of streams. */
function linesIn({
  body,
  contentType,
  contentEncoding,
  hold,
}: IngestBodyInput): AsyncIterable<BodyLines> | Iterable<BodyLines> {
  const format = parseContentType(contentType);
  if (!Buffer.isBuffer(body)) {
    const chunks = hold?.read(body) ?? body;
    return readBody(decodeContent(chunks, contentEncoding), format, hold?.hold);
  }
  if (format === 'ndjson' && contentEncoding === undefined) return linesOf(body);
  return readBody(decodeContent(once(body), contentEncoding), format, hold?.hold);
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

class BodyDecoder {
  readonly #defaults: LineDefaults;
  #lineCount = 0;
  /** Held back until it is known to be the last line. */
  #partial: DecodedLine | undefined;

  constructor(defaults: LineDefaults) {
    this.#defaults = defaults;
  }

  decode({ texts, replaced, isPlain = false }: BodyLines): DecodedBatch {
    const nowUs = Date.now() * 1000;
    const lines: DecodedLine[] = [];
    for (let index = 0; index < texts.length; index++) {
      const text = texts[index] ?? '';
      if (this.#partial) {
        const { number } = this.#partial;
        return { lines, error: badLine(number, 'partial', 'must be of the last line of a body only') };
      }
      const number = ++this.#lineCount;
      const parsed = parseJson(text);
      if (!parsed.ok) return { lines, error: badLine(number, undefined, parsed.detail) };
      const decoded = decodeLine(parsed.value, number, this.#defaults, nowUs, isPlain);
      if (!decoded.ok) return { lines, error: badLine(number, decoded.field, decoded.detail) };
      const { line } = decoded;
      if (replaced) line.replaced += replaced[index] ?? 0;
      if (line.partial) this.#partial = line;
      else lines.push(line);
    }
    return { lines };
  }

  takePartial(): DecodedLine | undefined {
    return this.#partial;
  }

  /** A client's error with the line that it stopped at, unless it is of the whole body. Throws any other. */
  located(error: unknown): StratalError {
    if (!isStratalError(error)) throw error;
    if (error.status !== 400 && error.status !== 413) return error;
    const line = this.#lineCount + 1;
    return new StratalError(error.code, `Line ${line}: ${lowerFirst(error.message)}`, {
      members: { line, ...error.members },
      cause: error.cause,
    });
  }
}

function badLine(line: number, field: string | undefined, detail: string): StratalError {
  return new StratalError('STRATAL_INGEST_LINE', `Line ${line}: ${field ?? 'it'} ${detail}.`, {
    members: { line, field },
  });
}

function lowerFirst(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1);
}
