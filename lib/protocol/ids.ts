import { z } from 'zod';
import { ID_CHARS_MAX } from './limits';

const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/;
const UUID_PATTERN = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** True for an id of a run or task: 1–128 of `[A-Za-z0-9._~-]`, first a letter or digit. */
export function isId(text: string): boolean {
  return ID_PATTERN.test(text);
}

/** True for a UUID of any version. */
export function isUuid(text: string): boolean {
  return UUID_PATTERN.test(text);
}

/** The form an id is stored and compared in: UUIDs in lower case, others as they are. */
export function foldId(id: string): string {
  return UUID_PATTERN.test(id) ? id.toLowerCase() : id;
}

/** An id as a program may write it; parsing folds it. */
export const idSchema = z
  .string()
  .regex(ID_PATTERN, `must be 1 to ${ID_CHARS_MAX} of A-Z a-z 0-9 . _ ~ -, beginning with a letter or digit`)
  .transform(foldId);
