import type { PartialLine } from '@/lib/feed/bus';
import type { Feed } from '@/lib/feed/feed';
import type { RunFeed, Wake } from '@/lib/feed/run-feed';
import { formatRunCursor } from '@/lib/protocol/cursor';
import type { LineBatch } from '@/lib/store/line-batch';
import { type LogReader, runEndEvent, type Step } from './log-reader';

/** A place in a run: after `line`, or after the run-end `ends` behind it. */
export interface RunPlace {
  line: number;
  ends: number | undefined;
}

const READ: Step = { kind: 'read' };
const IDLE: Step = { kind: 'idle' };
const GONE: Step = { kind: 'gone' };

/** The steps of one run: its lines, then its newest run-end. */
export class RunReader implements LogReader {
  readonly #feed: Feed;
  readonly #run: RunFeed;
  readonly #wake: Wake;
  #line: number;
  #ends: number | undefined;
  /** The batch read last from the store; it is left behind as the cursor moves on. */
  #stored: LineBatch | undefined;
  #isTruncated = false;
  #partialVersion = 0;

  /** `wake` is among the run's readers already. */
  constructor(feed: Feed, run: RunFeed, wake: Wake, place: RunPlace) {
    this.#feed = feed;
    this.#run = run;
    this.#wake = wake;
    this.#line = place.line;
    this.#ends = place.ends;
  }

  get cursor(): string {
    return formatRunCursor(this.#feed.store.epoch, this.#run.run.key, this.#line, this.#ends);
  }

  get lastLine(): number {
    return this.#run.head.lastLine;
  }

  next(): Step {
    const { head } = this.#run;
    if (this.#run.isDeleted) return GONE;
    const line = this.#line + 1;
    if (line <= head.lastLine) {
      if (this.#isTruncated) return { kind: 'reset', event: this.#reset() };
      const batch = this.#batchAt(line);
      if (!batch) return READ;
      return { kind: 'lines', batch, from: line - batch.firstLine, to: batch.count, entry: undefined };
    }
    if (!head.end) return IDLE;
    if (this.#ends !== undefined && this.#ends >= head.end.number) return { kind: 'over', status: head.status };
    const cursor = formatRunCursor(this.#feed.store.epoch, head.key, head.lastLine, head.end.number);
    return { kind: 'run-end', event: runEndEvent(cursor, head.id, head.end, head.lastLine), endsStream: true };
  }

  async read(): Promise<void> {
    const line = this.#line + 1;
    this.#stored = await this.#feed.store.sharedBatch(this.#run.run, line);
    if (this.#stored && this.#stored.firstLine <= line) return;
    this.#stored = undefined;
    const head = await this.#feed.runs.refresh(this.#run);
    if (!head) return;
    if (head.firstLine <= line) throw new Error(`line ${line} of run ${head.key} is in no chunk`);
    this.#isTruncated = true;
  }

  passLines(count: number): void {
    this.#line += count;
    this.#ends = undefined;
  }

  pass(): void {
    if (this.#isTruncated) {
      this.#isTruncated = false;
      this.#line = this.#run.head.firstLine - 1;
      this.#ends = undefined;
    } else this.#ends = this.#run.head.end?.number;
  }

  newPartials(): Iterable<PartialLine> {
    const seen = this.#partialVersion;
    this.#partialVersion = this.#feed.partials.version;
    return seen === this.#partialVersion ? [] : this.#feed.partials.newer(seen, this.#run.run.key);
  }

  close(): void {
    this.#feed.runs.close(this.#run, this.#wake);
  }

  #batchAt(line: number): LineBatch | undefined {
    const stored = this.#stored;
    if (stored && stored.firstLine <= line && line <= stored.lastLine) return stored;
    this.#stored = undefined;
    return this.#feed.tail.batchAt(this.#run.run.key, line);
  }

  #reset() {
    const { key, firstLine, lastLine } = this.#run.head;
    const cursor = formatRunCursor(this.#feed.store.epoch, key, firstLine - 1);
    return { cursor, reason: 'truncated' as const, first: firstLine, last: lastLine };
  }
}
