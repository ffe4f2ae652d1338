import type { TextQuery } from '@/lib/protocol/text-query';
import { parseTextQuery } from '@/lib/protocol/text-query-parse';

/** It is accepted, and takes milliseconds for each of `costlyLine`'s. */
export const COSTLY_QUERY = '/[aeiou].{95}[^a-z %]%$/';

/** A line of some hundred letters in no order, each time the same; the query above matches it where it `matches`. */
export function costlyLine(number: number, matches: boolean): string {
  // A percent sign is what the expression demands; without one it would not be run.
  let text = '%';
  let state = number;
  for (let index = 0; index < 330; index++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    text += LETTERS[(state >>> 16) % LETTERS.length];
  }
  return matches ? `${text}a${'b'.repeat(95)}0%` : text;
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz ';

/** A compiled query that calls `onLine` before each line it looks at. */
export function watchedQuery(source: string, onLine: () => void): TextQuery {
  const parsed = parseTextQuery(source, false);
  if (!parsed.ok || !parsed.query) throw new Error(`${source} is no query`);
  const { query } = parsed;
  return {
    source: query.source,
    caseSensitive: query.caseSensitive,
    candidates: query.candidates,
    excludes: (message) => query.excludes(message),
    ranges: (message) => query.ranges(message),
    matches: (message) => {
      onLine();
      return query.matches(message);
    },
  };
}
