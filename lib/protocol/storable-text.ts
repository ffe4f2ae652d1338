import { z } from 'zod';

/** NUL and, by the flag `u`, surrogates that stand alone: neither Postgres nor UTF-8 can hold them. */
const UNSTORABLE = /[\0\ud800-\udfff]/u;

/** True for a text that the store takes as it is. */
export function isStorableText(text: string): boolean {
  return !UNSTORABLE.test(text);
}

export const UNSTORABLE_TEXT = 'must not contain NUL or half of a surrogate pair';

/** A text of so many UTF-16 units that the store takes as it is. */
export function storableText(min: number, max: number) {
  return z.string().min(min).max(max).refine(isStorableText, UNSTORABLE_TEXT);
}
