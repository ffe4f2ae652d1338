import { LRUCache } from 'lru-cache';
import type { LineFilter } from '@/lib/protocol/filter';
import type { TextQuery } from '@/lib/protocol/text-query';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';

/** A filter on its way to another thread: its text as it was written, because compiled it cannot be cloned. */
export interface ScanFilter {
  sets: Omit<LineFilter, 'text'>;
  text: { source: string; caseSensitive: boolean } | undefined;
}

/** Compiled queries: the tasks of one search have the same one. */
const compiled = new LRUCache<string, TextQuery>({ max: 64 });

export function toScanFilter({ text, ...sets }: LineFilter): ScanFilter {
  return { sets, text: text && { source: text.source, caseSensitive: text.caseSensitive } };
}

export function fromScanFilter({ sets, text }: ScanFilter): LineFilter {
  return text ? { ...sets, text: compile(text.source, text.caseSensitive) } : sets;
}

function compile(source: string, caseSensitive: boolean): TextQuery {
  const key = `${caseSensitive ? 'c' : 'i'}${source}`;
  const known = compiled.get(key);
  if (known) return known;
  const parsed = parseTextQuery(source, caseSensitive);
  if (!parsed.ok || !parsed.query) throw new Error(`a query that was good before is not now: ${source}`);
  compiled.set(key, parsed.query);
  return parsed.query;
}
