import type { LineBatch } from '@/lib/store/line-batch';
import type { JournalEntry } from '@/lib/store/store';
import { SlidingList } from './sliding-list';

/** What an entry takes without its lines, about. */
const ENTRY_BYTES = 256;

/** An entry of the journal, with its lines where they are in memory. */
export interface TailItem {
  readonly entry: JournalEntry;
  /** Exactly the entry's lines. */
  batch: LineBatch | undefined;
  /** Of lines and everything encoded from them. */
  bytes: number;
}

/**
 * The newest entries of the journal in order, and their lines by run, within `bytesMax`; what is over leaves at the start. Entries are
 * added in order of position and without a gap, or `jump` says that one is there.
 */
export class Tail {
  readonly #bytesMax: number;
  readonly #onEvict: (batch: LineBatch) => void;
  readonly #items = new SlidingList<TailItem>();
  readonly #byRun = new Map<number, SlidingList<LineBatch>>();
  readonly #itemOf = new Map<LineBatch, TailItem>();
  #bytes = 0;
  #start: number;
  #position: number;

  constructor(options: { position: number; bytesMax: number; onEvict: (batch: LineBatch) => void }) {
    this.#position = options.position;
    this.#start = options.position;
    this.#bytesMax = options.bytesMax;
    this.#onEvict = options.onEvict;
  }

  /** All entries after this position are here. */
  get start(): number {
    return this.#start;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(entry: JournalEntry, batch: LineBatch | undefined): void {
    const item: TailItem = { entry, batch: undefined, bytes: ENTRY_BYTES };
    this.#items.push(item);
    this.#bytes += ENTRY_BYTES;
    this.#position = entry.position;
    if (batch) this.#keep(item, batch);
    this.#trim();
  }

  /** Moves on to `position` without the entries between: the order before it is of no use to readers any more, the lines are. */
  jump(position: number): void {
    if (position <= this.#position) return;
    this.#position = position;
    this.#start = position;
  }

  /** Says that nothing lies between the newest entry and `position`. */
  advance(position: number): void {
    if (position > this.#position) this.#position = position;
  }

  /** The batch with that line of the run, or undefined where it is not in memory. */
  batchAt(runKey: number, line: number): LineBatch | undefined {
    const batch = this.#byRun.get(runKey)?.find((candidate) => candidate.lastLine >= line);
    return batch && batch.firstLine <= line ? batch : undefined;
  }

  /** The first entry after a position, which must not lie before `start`; undefined where there is none yet. */
  itemAfter(position: number): TailItem | undefined {
    return this.#items.find((item) => item.entry.position > position);
  }

  /** Counts what was encoded from a batch; false where it is not in the tail. */
  grow(batch: LineBatch, bytes: number): boolean {
    const item = this.#itemOf.get(batch);
    if (!item) return false;
    item.bytes += bytes;
    this.#bytes += bytes;
    this.#trim();
    return true;
  }

  #keep(item: TailItem, batch: LineBatch): void {
    let ofRun = this.#byRun.get(batch.runKey);
    if (!ofRun) {
      ofRun = new SlidingList();
      this.#byRun.set(batch.runKey, ofRun);
    }
    ofRun.push(batch);
    item.batch = batch;
    item.bytes += batch.sizeBytes;
    this.#bytes += batch.sizeBytes;
    this.#itemOf.set(batch, item);
  }

  /** The newest entry stays whatever its size: its readers are about to be woken. */
  #trim(): void {
    while (this.#bytes > this.#bytesMax && this.#items.length > 1) {
      const item = this.#items.shift();
      if (!item) return;
      this.#bytes -= item.bytes;
      if (item.entry.position > this.#start) this.#start = item.entry.position;
      if (item.batch) this.#forget(item.batch);
    }
  }

  #forget(batch: LineBatch): void {
    this.#itemOf.delete(batch);
    const ofRun = this.#byRun.get(batch.runKey);
    ofRun?.shift();
    if (ofRun?.length === 0) this.#byRun.delete(batch.runKey);
    this.#onEvict(batch);
  }
}
