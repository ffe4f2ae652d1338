import { z } from 'zod';
import type { Answer } from './api-connection';

/**
 * What an answer means for whoever sent the request.
 * done: it happened. again: the server cannot now, or it is not known what happened. seek: the server expects another
 * position. line: this line of the body can never be stored. smaller: the body is too large. refused: it never will.
 */
export type Verdict =
  | { kind: 'done'; next: number | undefined }
  | { kind: 'again'; reason: string; waitMs: number }
  | { kind: 'seek'; next: number }
  | { kind: 'line'; line: number; reason: string }
  | { kind: 'smaller'; reason: string }
  | { kind: 'refused'; status: number; reason: string };

const problemSchema = z.object({
  code: z.string().optional().catch(undefined),
  detail: z.string().optional().catch(undefined),
  next: z.number().int().nonnegative().optional().catch(undefined),
  line: z.number().int().min(1).optional().catch(undefined),
});

/** Ingest answers; a 200 that is not ours (a captive portal, another server) stored nothing. */
const storedSchema = z.object({ accepted: z.number(), next: z.number().int().nonnegative().nullable() });

/** Judges the answer to an ingest. */
export function judgeIngest(answer: Answer): Verdict {
  if (isSuccess(answer)) {
    const stored = storedSchema.safeParse(answer.body);
    if (stored.success) return { kind: 'done', next: stored.data.next ?? undefined };
    return { kind: 'again', reason: 'what answers there is not a Stratal server', waitMs: 0 };
  }
  const problem = problemOf(answer);
  if (answer.status === 409 && problem.next !== undefined) return { kind: 'seek', next: problem.next };
  const reason = reasonOf(answer);
  if (answer.status === 400 && problem.code === 'STRATAL_INGEST_CUT') return again(answer);
  if ((answer.status === 400 || answer.status === 413) && problem.line !== undefined) {
    return { kind: 'line', line: problem.line, reason };
  }
  return answer.status === 413 ? { kind: 'smaller', reason } : judge(answer);
}

/** Judges the answer to a request that makes, changes or finishes a run or task. */
export function judge(answer: Answer): Verdict {
  if (isSuccess(answer)) return { kind: 'done', next: undefined };
  const isTemporary = answer.status >= 500 || [408, 425, 429].includes(answer.status);
  return isTemporary ? again(answer) : { kind: 'refused', status: answer.status, reason: reasonOf(answer) };
}

/** The `code` of a problem answer, where it has one. */
export function problemCode(answer: Answer): string | undefined {
  return problemOf(answer).code;
}

function again(answer: Answer): Verdict {
  return { kind: 'again', reason: reasonOf(answer), waitMs: answer.retryAfterMs ?? 0 };
}

function isSuccess(answer: Answer): boolean {
  return answer.status >= 200 && answer.status < 300;
}

function problemOf(answer: Answer): z.infer<typeof problemSchema> {
  const problem = problemSchema.safeParse(answer.body);
  return problem.success ? problem.data : {};
}

/** Characters of a server's words that a reason takes over. */
const DETAIL_CHARS_MAX = 500;
/** Control and format characters: they would move a terminal's cursor, retitle it, or begin a sentence that seems to be ours. */
const INVISIBLE = /[\s\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

function reasonOf(answer: Answer): string {
  const { detail } = problemOf(answer);
  if (detail === undefined) return `it answers ${answer.status}`;
  return `it answers ${answer.status}: ${detail.slice(0, DETAIL_CHARS_MAX).replace(INVISIBLE, ' ')}`;
}
