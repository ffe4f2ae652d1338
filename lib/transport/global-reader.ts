import type { PartialLine } from '@/lib/feed/bus';
import type { Feed } from '@/lib/feed/feed';
import type { Wake } from '@/lib/feed/run-feed';
import { formatGlobalCursor } from '@/lib/protocol/cursor';
import type { ResetEvent } from '@/lib/protocol/stream-events';
import type { LineBatch } from '@/lib/store/line-batch';
import type { JournalEntry } from '@/lib/store/store';
import { cursorInEntry, itemCount } from './line-cursor';
import { type LogReader, runEndEvent, type Step } from './log-reader';

/** A place in the journal: after `index` items of the entry at `position`; 0: after all of it. */
export interface JournalPlace {
  position: number;
  index: number;
}

/** Entries read from the journal at a time where the tail does not have them. */
const PAGE_ENTRIES = 200;

const READ: Step = { kind: 'read' };
const IDLE: Step = { kind: 'idle' };

/** The items of the journal: each entry's lines, then its run-end if it has one. */
export class GlobalReader implements LogReader {
  readonly lastLine = undefined;
  readonly #feed: Feed;
  readonly #stopWaking: () => void;
  #position: number;
  #index: number;
  /** Entries read from the store that follow the cursor. */
  #page: JournalEntry[] = [];
  /** Lines read from the store, of the entry at the cursor. */
  #stored: LineBatch | undefined;
  #reset: ResetEvent | undefined;
  /** The entry that `next` spoke of last, and how many of its items lie before the cursor. */
  #at: { entry: JournalEntry; seen: number } | undefined;
  #partialVersion: number;

  constructor(feed: Feed, wake: Wake, place: JournalPlace) {
    this.#feed = feed;
    this.#position = place.position;
    this.#index = place.index;
    this.#partialVersion = feed.partials.version;
    this.#stopWaking = feed.openGlobal(wake);
  }

  get cursor(): string {
    return formatGlobalCursor(this.#feed.store.epoch, this.#position, this.#index);
  }

  next(): Step {
    for (;;) {
      if (this.#reset) return { kind: 'reset', event: this.#reset };
      const found = this.#current();
      if (found === undefined) return IDLE;
      if (found === 'unknown') return READ;
      const { entry, batch } = found;
      const seen = this.#seenOf(entry);
      this.#at = { entry, seen };
      if (seen < entry.lineCount)
        return this.#lines(entry, batch ?? this.#batchAt(entry, entry.firstLine + seen), seen);
      if (entry.end) {
        const cursor = cursorInEntry(this.#feed.store.epoch, entry, itemCount(entry));
        const event = runEndEvent(cursor, entry.id, entry.end, entry.firstLine + entry.lineCount - 1);
        return { kind: 'run-end', event, endsStream: false };
      }
      this.#moveTo(entry, seen);
    }
  }

  async read(): Promise<void> {
    const found = this.#current();
    if (found === 'unknown') await this.#readPage();
    else if (found) await this.#readLines(found.entry);
  }

  passLines(count: number): void {
    // Before an entry's first item is after the entry before it: index 0 of its own would be after all of it.
    if (this.#at && count > 0) this.#moveTo(this.#at.entry, this.#at.seen + count);
  }

  pass(): void {
    if (this.#reset) this.#reset = undefined;
    else if (this.#at) this.#moveTo(this.#at.entry, itemCount(this.#at.entry));
  }

  newPartials(): Iterable<PartialLine> {
    const seen = this.#partialVersion;
    this.#partialVersion = this.#feed.partials.version;
    return seen === this.#partialVersion ? [] : this.#feed.partials.newer(seen);
  }

  close(): void {
    this.#stopWaking();
  }

  /** The entry that the cursor is in or before; undefined where there is none yet. */
  #current(): { entry: JournalEntry; batch: LineBatch | undefined } | undefined | 'unknown' {
    const { tail } = this.#feed;
    // Inside an entry, that entry has to be in memory too.
    const before = this.#index > 0 ? this.#position - 1 : this.#position;
    if (before >= tail.start) {
      this.#page = [];
      return tail.itemAfter(before);
    }
    const entry = this.#page.find((candidate) => candidate.position > before);
    return entry ? { entry, batch: undefined } : 'unknown';
  }

  #seenOf(entry: JournalEntry): number {
    return entry.position === this.#position ? this.#index : 0;
  }

  #moveTo(entry: JournalEntry, seen: number): void {
    this.#position = entry.position;
    this.#index = seen >= itemCount(entry) ? 0 : seen;
    if (this.#at?.entry === entry) this.#at.seen = seen;
    while (this.#index === 0 && this.#page[0] && this.#page[0].position <= this.#position) this.#page.shift();
  }

  #lines(entry: JournalEntry, batch: LineBatch | undefined, seen: number): Step {
    if (!batch) return READ;
    const line = entry.firstLine + seen;
    // Encodings are shared by batch, and cursors are of the entry: the batch must be no more than it.
    const end = Math.min(batch.lastLine, entry.firstLine + entry.lineCount - 1);
    const from = Math.max(batch.firstLine, entry.firstLine);
    const exact = batch.slice(from - batch.firstLine, end - batch.firstLine + 1);
    if (exact !== batch && batch === this.#stored) this.#stored = exact;
    return { kind: 'lines', batch: exact, from: line - exact.firstLine, to: exact.count, entry };
  }

  #batchAt(entry: JournalEntry, line: number): LineBatch | undefined {
    const stored = this.#stored;
    if (stored && stored.runKey === entry.key && stored.firstLine <= line && line <= stored.lastLine) return stored;
    this.#stored = undefined;
    return undefined;
  }

  async #readPage(): Promise<void> {
    const { store, tail } = this.#feed;
    const { start } = tail;
    const before = this.#index > 0 ? this.#position - 1 : this.#position;
    const page = await store.readJournal(before, PAGE_ENTRIES);
    const head = await store.journalHead();
    if (before < head.trimmedThrough) {
      this.#moveToHead(head.position);
      return;
    }
    // The entry that the cursor is in was of a run that is deleted by now.
    if (this.#index > 0 && page[0]?.position !== this.#position) this.#index = 0;
    this.#page = page;
    // So were all entries from here to where the tail begins.
    if (page.length === 0 && start > this.#position) this.#position = start;
  }

  /** The journal was trimmed while this reader was behind: it goes on from now. */
  #moveToHead(position: number): void {
    this.#position = position;
    this.#index = 0;
    this.#page = [];
    this.#reset = { cursor: this.cursor, reason: 'expired' };
  }

  async #readLines(entry: JournalEntry): Promise<void> {
    const line = entry.firstLine + this.#seenOf(entry);
    const batch = await this.#feed.store.readBatch({ key: entry.key, id: entry.id }, line);
    const last = entry.firstLine + entry.lineCount - 1;
    if (batch && batch.firstLine <= line) this.#stored = batch;
    else if (batch && batch.firstLine <= last) {
      // Retention took the entry's first lines.
      this.#moveTo(entry, batch.firstLine - entry.firstLine);
      this.#reset = { cursor: this.cursor, reason: 'truncated' };
    } else {
      this.#moveTo(entry, entry.lineCount);
      this.#reset = { cursor: this.cursor, reason: 'truncated' };
    }
  }
}
