import type { z } from 'zod';
import type { ErrorCode } from './catalogue';
import { StratalError } from './stratal-error';

/** The first issue of a failed parse as a sentence that names the field, with the field as a member. */
export function fromZodError(error: z.ZodError, code: ErrorCode = 'STRATAL_BAD_PARAMETER'): StratalError {
  const issue = error.issues[0];
  const extra = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
  const field = extra ?? issue?.path.join('.') ?? '';
  const detail = extra === undefined ? (issue?.message ?? 'is not valid') : 'is not a known field';
  return new StratalError(code, field === '' ? detail : `${field}: ${detail}`, { members: { field } });
}
