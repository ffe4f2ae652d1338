import { quantile } from '@/bench/report';
import { type ReadersAnswer, type ReadersRequest, readersRequestSchema } from './messages';
import { StreamReader, type StreamReaderOptions } from './stream-reader';

/** A process that holds readers, so that they do not take the time of whoever posts and measures. Spoken to by ReaderProcess. */

const OPENING_AT_ONCE = 400;

let readers: StreamReader[] = [];
let stalled: StreamReader[] = [];
let ages: number[] = [];
let left = 0;
let tellReached: Array<() => void> = [];
let lost: Error | undefined;

async function open(request: Extract<ReadersRequest, { ask: 'open' }>): Promise<void> {
  const { kind, port, path, subscribe, marker, timed, allCount = false } = request;
  readers = [];
  ages = [];
  left = request.readers;
  const onTime = (sentAtUs: number) => {
    ages.push(Number(process.hrtime.bigint() / 1000n) - sentAtUs);
  };
  const base = { kind, port, path, subscribe, marker, onMarker: got };
  const step = timed === 0 ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(request.readers / timed));
  const optionsOf = (index: number): StreamReaderOptions => {
    if (index % step === step - 1) return { ...base, looksAt: 'times', onTime };
    return { ...base, looksAt: allCount || index === 0 ? 'lines' : 'nothing' };
  };
  let next = 0;
  const opener = async () => {
    while (next < request.readers) {
      const reader = await StreamReader.open(optionsOf(next++), lose);
      readers.push(reader);
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, opener));
}

/** One reader less to wait for. */
function got(): void {
  left -= 1;
  if (left === 0) for (const tell of tellReached.splice(0)) tell();
}

function lose(error: Error): void {
  lost ??= error;
  for (const tell of tellReached.splice(0)) tell();
}

/** Waits until every reader has the marker. */
async function reached(): Promise<Omit<ReadersAnswer, 'id'>> {
  if (left > 0 && !lost) await new Promise<void>((resolve) => tellReached.push(resolve));
  if (lost) throw lost;
  const bytes = readers.map((reader) => reader.bytes);
  const lines = readers.filter((reader) => reader.countsLines).map((reader) => reader.lines);
  const ofLines = lines.length > 0 && { leastLines: Math.min(...lines), mostLines: Math.max(...lines) };
  const answer = { ...ofLines, leastBytes: Math.min(...bytes), mostBytes: Math.max(...bytes) };
  if (ages.length === 0) return answer;
  const sorted = Float64Array.from(ages).sort();
  const at = (share: number) => quantile(sorted, share);
  return { ...answer, latency: { samples: sorted.length, p50Us: at(0.5), p99Us: at(0.99), maxUs: at(1) } };
}

function close(): void {
  for (const reader of [...readers, ...stalled]) reader.close();
  stalled = [];
  readers = [];
  tellReached = [];
  lost = undefined;
}

async function answer(request: ReadersRequest): Promise<Omit<ReadersAnswer, 'id'>> {
  switch (request.ask) {
    case 'open':
      await open(request);
      return {};
    case 'reached':
      return reached();
    case 'stall':
      stalled = readers.splice(-request.readers);
      for (const reader of stalled) {
        reader.stall();
        got();
      }
      return {};
    case 'drop-stalled':
      for (const reader of stalled.splice(0)) reader.close();
      return {};
    case 'close':
      close();
      return {};
  }
}

process.on('message', (message) => {
  const request = readersRequestSchema.parse(message);
  answer(request).then(
    (result) => process.send?.({ id: request.id, ...result }),
    (error: unknown) => process.send?.({ id: request.id, error: String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
