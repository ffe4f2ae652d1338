import { setImmediate } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { isStratalError, StratalError } from '@/lib/errors/stratal-error';
import { INGEST_INFLATED_BYTES_MAX } from '@/lib/protocol/limits';

const CHUNK_BYTES = 64 * 1024;
/** Input inflated at a time. */
const PIECE_BYTES = 8 * 1024;
/** Inflated bytes that are handed on before more are made: deflate makes a thousand times as much of a piece, and bodies are many. */
const AHEAD_BYTES = 256 * 1024;
/** Inflated bytes handed on before other requests have their turn. */
const TURN_BYTES = 512 * 1024;

/**
 * A body's bytes without its Content-Encoding: none, identity or gzip (of several members too). Throws
 * STRATAL_MEDIA_TYPE for another one. The chunks end with STRATAL_INGEST_CUT where the body does so too early, with STRATAL_BAD_BODY
 * where it is no gzip, with STRATAL_TOO_LARGE over `inflatedBytesMax`; all that was sent before has then been yielded.
 */
export function decodeContent(
  body: AsyncIterable<Uint8Array>,
  contentEncoding: string | undefined,
  inflatedBytesMax = INGEST_INFLATED_BYTES_MAX,
): AsyncIterable<Buffer> {
  switch ((contentEncoding ?? '').trim().toLowerCase()) {
    case '':
    case 'identity':
      return passThrough(readChunks(body));
    case 'gzip':
    case 'x-gzip':
      return inflate(readChunks(body), inflatedBytesMax);
    default:
      throw new StratalError('STRATAL_MEDIA_TYPE', 'Content-Encoding must be gzip, or absent.');
  }
}

/** The chunks of a body; where its connection breaks, STRATAL_INGEST_CUT is the last item, where it is ended by us, the reason. */
async function* readChunks(body: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | StratalError> {
  try {
    for await (const { buffer, byteOffset, byteLength } of body) yield Buffer.from(buffer, byteOffset, byteLength);
  } catch (cause) {
    yield isStratalError(cause) ? cause : cut(cause);
  }
}

async function* passThrough(chunks: AsyncIterable<Buffer | StratalError>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    if (chunk instanceof StratalError) throw chunk;
    yield chunk;
  }
}

async function* inflate(chunks: AsyncIterable<Buffer | StratalError>, bytesMax: number): AsyncGenerator<Buffer> {
  const inflater = new Inflater(bytesMax);
  let broken: StratalError | undefined;
  let turnBytes = 0;
  try {
    for await (const chunk of chunks) {
      if (chunk instanceof StratalError) {
        broken = chunk;
        break;
      }
      for (const piece of piecesOf(chunk)) {
        for await (const inflated of inflater.write(piece)) {
          yield inflated;
          // A piece may inflate to megabytes; others have their turn in between.
          turnBytes += inflated.length;
          if (turnBytes < TURN_BYTES) continue;
          turnBytes = 0;
          await setImmediate();
        }
        if (inflater.failure) throw inflater.failure;
      }
    }
    // Also after a cut: what has arrived is inflated to its end first.
    yield* inflater.end();
    const failure = broken ?? inflater.failure;
    if (failure) throw failure;
  } finally {
    inflater.close();
  }
}

function* piecesOf(chunk: Buffer): Generator<Buffer> {
  for (let start = 0; start < chunk.length; start += PIECE_BYTES) yield chunk.subarray(start, start + PIECE_BYTES);
}

/**
 * A gunzip that is waited for after each piece: iterating the stream itself would drop what it has inflated once its input turns
 * out to be bad.
 */
class Inflater {
  /** What went wrong; the chunks that were returned with it come first. */
  failure: StratalError | undefined;
  readonly #gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  #inflated: Buffer[] = [];
  #inflatedBytes = 0;
  /** What was begun is done. */
  #isFinished = false;
  /** Ends the wait for what is under way, or for so much of it as is handed on at once. */
  #proceed = () => {};

  constructor(bytesMax: number) {
    let bytes = 0;
    this.#gunzip.on('data', (chunk: Buffer) => {
      this.#inflated.push(chunk);
      this.#inflatedBytes += chunk.length;
      bytes += chunk.length;
      if (bytes > bytesMax) {
        this.failure ??= new StratalError('STRATAL_TOO_LARGE', `The body must be at most ${bytesMax} bytes inflated.`);
      }
      if (this.#inflatedBytes >= AHEAD_BYTES) this.#gunzip.pause();
      if (this.#inflatedBytes >= AHEAD_BYTES || this.#isAllOut) this.#proceed();
    });
    this.#gunzip.on('error', (error) => {
      this.failure ??= describeFailure(error);
    });
    // After an error the callback of a write is never called, but the stream closes.
    this.#gunzip.on('close', () => this.#finish());
  }

  write(piece: Buffer): AsyncGenerator<Buffer> {
    return this.#run(() => this.#gunzip.write(piece, () => this.#finish()));
  }

  /** The stream closes by itself once all of it has been read. */
  end(): AsyncGenerator<Buffer> {
    return this.#run(() => this.#gunzip.end());
  }

  close(): void {
    this.#gunzip.destroy();
  }

  /** What is inflated by that, as it comes. */
  async *#run(start: () => void): AsyncGenerator<Buffer> {
    this.#isFinished = false;
    for (let isBegun = false; ; isBegun = true) {
      await new Promise<void>((resolve) => {
        this.#proceed = resolve;
        this.#gunzip.resume();
        if (!isBegun) start();
      });
      // Before more is made: what has been handed on is not kept here.
      const inflated = this.#inflated;
      this.#inflated = [];
      this.#inflatedBytes = 0;
      for (let chunk = inflated.shift(); chunk; chunk = inflated.shift()) yield chunk;
      if (this.#isAllOut) return;
    }
  }

  /** The stream may have kept the last of it while it was paused. */
  get #isAllOut(): boolean {
    return this.#isFinished && this.#gunzip.readableLength === 0;
  }

  #finish(): void {
    this.#isFinished = true;
    this.#proceed();
  }
}

function describeFailure(error: Error): StratalError {
  if ('code' in error && error.code === 'Z_BUF_ERROR') return cut(error);
  return new StratalError('STRATAL_BAD_BODY', 'The body is not valid gzip, as its Content-Encoding says.', {
    cause: error,
  });
}

function cut(cause: unknown): StratalError {
  return new StratalError('STRATAL_INGEST_CUT', 'The body ended early; send it again from its first line not stored.', {
    cause,
  });
}
