import { brotliCompressSync, brotliDecompressSync, constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { corpusFolder, corpusLines } from './corpus';
import { median } from './report';

/** Compares compressions of a chunk's text on the corpus: stored bytes per raw byte, and MB/s each way (median of rounds). */

const brotli = (quality: number) => ({
  name: `brotli ${quality}`,
  compress: (bytes: Buffer) => brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } }),
  expand: (bytes: Buffer) => brotliDecompressSync(bytes),
});
const deflate = (level: number) => ({
  name: `deflate ${level}`,
  compress: (bytes: Buffer) => deflateRawSync(bytes, { level }),
  expand: (bytes: Buffer) => inflateRawSync(bytes),
});
const CODECS = [deflate(1), deflate(6), brotli(1), brotli(4), brotli(5), brotli(6)];
const CHUNK_LINES = [20, 1000, 4096];
const ROUNDS = 3;
/** Every so many thousand lines of the corpus are taken, to keep the run short. */
const SAMPLE_EVERY = 8;

function chunksOf(lines: readonly string[], size: number): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < lines.length; at += size) chunks.push(Buffer.from(lines.slice(at, at + size).join('')));
  return chunks;
}

function seconds(work: () => void): number {
  const start = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - start) / 1e9;
}

export function benchCodec(): void {
  const folder = corpusFolder();
  if (folder === undefined) {
    console.log('codec: skipped, the corpus is not there (set STRATAL_CORPUS)');
    return;
  }
  const lines = corpusLines(folder).filter((_, index) => Math.floor(index / 4096) % SAMPLE_EVERY === 0);
  const raw = lines.reduce((sum, line) => sum + Buffer.byteLength(line), 0);
  console.log(`codec on ${lines.length} lines, ${(raw / 1e6).toFixed(1)} MB of text\n`);
  console.log('| codec | lines a chunk | stored per raw byte | compress MB/s | expand MB/s |\n|---|---|---|---|---|');
  for (const size of CHUNK_LINES) {
    const chunks = chunksOf(lines, size);
    const times = new Map(
      CODECS.map(({ name }) => [name, { compress: [] as number[], expand: [] as number[], bytes: 0 }]),
    );
    // Interleaved: each round runs every codec, so that a busy machine slows all alike.
    for (let round = 0; round < ROUNDS; round++) {
      for (const codec of CODECS) {
        const time = times.get(codec.name);
        if (!time) continue;
        let packed: Buffer[] = [];
        time.compress.push(seconds(() => (packed = chunks.map(codec.compress))));
        time.expand.push(seconds(() => packed.forEach((bytes) => void codec.expand(bytes))));
        time.bytes = packed.reduce((sum, bytes) => sum + bytes.length, 0);
      }
    }
    for (const [name, { compress, expand, bytes }] of times) {
      const speed = (values: number[]) => (raw / 1e6 / median(values)).toFixed(0);
      console.log(`| ${name} | ${size} | ${(bytes / raw).toFixed(3)} | ${speed(compress)} | ${speed(expand)} |`);
    }
  }
}
