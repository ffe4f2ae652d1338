import type { LogMessage } from '@/lib/protocol/log-message';
import { openClient } from './client-reader';
import type { OpenConnection, ReaderFilter } from './raw-reader';
import { READER_KINDS } from './reader-kinds';

/** A way to read that is soaked. */
export interface SoakedKind {
  name: string;
  open: OpenConnection;
  /** The server that it needs; undefined: any, another one at each connection. */
  server?: 'direct' | 'handler';
  jobsOnly?: boolean;
}

export interface PlannedReader {
  kind: SoakedKind;
  filter: ReaderFilter | undefined;
}

/** Each with what it lets through, as the proof sees it. */
export const SOAK_FILTERS = [
  { bit: 1, query: { level: 'error' }, admits: ({ level }: LogMessage) => level === 'error' },
  { bit: 2, query: { q: 'needle' }, admits: ({ message }: LogMessage) => message.includes('needle') },
] as const;
/** Of the readers of each kind, every third has a filter. */
const FILTERED_EVERY = 3;

/** So many readers, of each kind in turn. */
export function planReaders(count: number): PlannedReader[] {
  const kinds = soakedKinds();
  return Array.from({ length: Math.ceil(count / kinds.length) }, (_, turn) =>
    kinds.map((kind, place) => ({ kind, filter: filterOf(place, turn) })),
  )
    .flat()
    .slice(0, count);
}

/** Begins with another turn for each kind, so that a few readers have some with and some without a filter too. */
function filterOf(kind: number, turn: number): ReaderFilter | undefined {
  if ((kind + turn) % FILTERED_EVERY !== FILTERED_EVERY - 1) return undefined;
  return SOAK_FILTERS[(Math.floor(kind / FILTERED_EVERY) + turn) % SOAK_FILTERS.length];
}

export function soakedKinds(): SoakedKind[] {
  const raw = Object.entries(READER_KINDS).flatMap(([name, open]): SoakedKind[] => {
    if (name === 'long poll') return [{ name, open, jobsOnly: true }];
    if (name !== 'sse') return [{ name, open }];
    return [
      { name: 'sse direct', open, server: 'direct' },
      { name: 'sse handler', open, server: 'handler' },
    ];
  });
  const own = (['websocket', 'sse', 'socketio'] as const).map((transport) => ({
    name: `client ${transport}`,
    open: openClient(transport),
  }));
  return [...raw, ...own];
}
