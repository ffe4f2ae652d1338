import type { Feed } from '@/lib/feed/feed';
import { formatGlobalCursor, type GlobalCursor } from '@/lib/protocol/cursor';
import type { ResetEvent, ResetReason } from '@/lib/protocol/stream-events';
import type { JournalHead } from '@/lib/store/store';
import type { JournalPlace } from './global-reader';
import type { StreamRequest } from './stream-request';

/** Positions looked back at first for `tail`; doubled until the lines suffice or the journal ends. */
const TAIL_POSITIONS = 500;
/** Entries read at a time. */
const PAGE_ENTRIES = 5000;

export interface GlobalStart {
  place: JournalPlace;
  /** As in RunStart. */
  cursor: string;
  reset: ResetEvent | undefined;
}

/** Decides where the global stream starts: docs/protocol.md §4. */
export async function decideGlobalStart(feed: Feed, request: StreamRequest): Promise<GlobalStart> {
  const head = await feed.store.journalHead();
  const { presented, tail } = request;
  if (!presented) return startAt(feed, tail ? await placeOfTail(feed, head, tail) : atHead(head));
  if (presented.kind !== 'cursor' || presented.cursor.kind !== 'global') {
    throw new TypeError('the global stream takes a cursor of the journal');
  }
  const reason = resetReason(feed, head, presented.cursor);
  if (reason) {
    const { position, index } = atHead(head);
    const reset = { cursor: formatGlobalCursor(feed.store.epoch, position, index), reason };
    return { place: atHead(head), cursor: presented.text, reset };
  }
  return startAt(feed, presented.cursor);
}

function resetReason(feed: Feed, head: JournalHead, cursor: GlobalCursor): ResetReason | undefined {
  if (cursor.epoch !== feed.store.epoch) return 'epoch';
  if (cursor.position > head.position) return 'ahead';
  // Inside an entry, that entry has to be there; after one, only what follows it.
  const needed = cursor.index > 0 ? cursor.position - 1 : cursor.position;
  return needed < head.trimmedThrough ? 'expired' : undefined;
}

function atHead(head: JournalHead): JournalPlace {
  return { position: head.position, index: 0 };
}

function startAt(feed: Feed, { position, index }: JournalPlace): GlobalStart {
  return {
    place: { position, index },
    cursor: formatGlobalCursor(feed.store.epoch, position, index),
    reset: undefined,
  };
}

/** The place before the newest `count` lines of the journal. Positions have gaps, so it looks back further until the lines suffice. */
async function placeOfTail(feed: Feed, head: JournalHead, count: number): Promise<JournalPlace> {
  for (let positions = TAIL_POSITIONS; ; positions *= 2) {
    const from = Math.max(head.trimmedThrough, head.position - positions);
    const entries = await readEntries(feed, from, head.position);
    let missing = count;
    for (const { position, lineCount } of entries.reverse()) {
      if (lineCount > missing) return { position, index: lineCount - missing };
      missing -= lineCount;
      if (missing === 0) return { position: position - 1, index: 0 };
    }
    if (from === head.trimmedThrough) return { position: from, index: 0 };
  }
}

async function readEntries(feed: Feed, after: number, through: number) {
  const entries: Array<{ position: number; lineCount: number }> = [];
  for (let from = after; from < through; ) {
    const page = await feed.store.readJournal(from, PAGE_ENTRIES);
    for (const { position, lineCount } of page) if (position <= through) entries.push({ position, lineCount });
    from = page.length < PAGE_ENTRIES ? through : (page.at(-1)?.position ?? through);
  }
  return entries;
}
