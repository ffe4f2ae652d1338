import type { History } from '@/lib/protocol/api';
import { formatRunCursor } from '@/lib/protocol/cursor';
import type { LinePage } from '@/lib/store/store';

/** A page of lines that is not written out yet. */
export interface HistoryPage {
  lines: LinePage['lines'];
  pagination: History['pagination'];
}

/** A page of the store with what REST says about it. `limit`: lines that were asked for. */
export function toHistoryPage(page: LinePage, limit: number, epoch: string): HistoryPage {
  const pagination = {
    total: page.total,
    limit,
    offset: page.offset,
    count: page.lines.length,
    next: formatRunCursor(epoch, page.head.key, page.lastSeen),
    ended: hasEnded(page),
    ...(page.seenAfter !== undefined && { looked_after: page.seenAfter }),
  };
  return { lines: page.lines, pagination };
}

/** The run is final, and nothing follows the page. */
export function hasEnded({ head, lastSeen }: LinePage): boolean {
  return head.end !== undefined && lastSeen >= head.lastLine;
}

/** A page as objects. */
export function toHistory({ lines, pagination }: HistoryPage): History {
  return { logs: lines.map(({ batch, index }) => batch.toLogMessage(index)), pagination };
}

/** Characters that become bytes at a time; a string of some 100 KB is given memory pages of its own by the engine, which takes it several times as long. */
const PIECE_CHARS = 32 * 1024;

/** A History as the bytes of its JSON, without an object for each line. */
export function toHistoryJson({ lines, pagination }: HistoryPage): Uint8Array<ArrayBuffer> {
  const pieces: Buffer[] = [];
  let text = '{"logs":[';
  for (const [place, { batch, index }] of lines.entries()) {
    text += place === 0 ? batch.toJson(index) : `,${batch.toJson(index)}`;
    if (text.length < PIECE_CHARS) continue;
    pieces.push(Buffer.from(text));
    text = '';
  }
  pieces.push(Buffer.from(`${text}],"pagination":${JSON.stringify(pagination)}}`));
  return Buffer.concat(pieces);
}
