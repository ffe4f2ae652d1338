import { z } from 'zod';
import { filterOrThrow } from '@/lib/errors/bad-filter';
import { fromZodError } from '@/lib/errors/bad-parameter';
import type { LineFilter } from '@/lib/protocol/filter';
import { parseFilter, parseTime, TIME_WORDS } from '@/lib/protocol/filter-parse';
import { PAGE_LINES_MAX } from '@/lib/protocol/limits';
import type { LinesAround } from '@/lib/protocol/lines-around';

/** A whole number as a URL has it. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);
}

/** A time as a URL has it: the same forms as the filter's `from` and `to`. */
export const timeParameter = z.string().transform((text, context) => {
  const us = parseTime(text);
  if (us !== undefined) return us;
  context.addIssue({ code: 'custom', message: TIME_WORDS });
  return z.NEVER;
});

const WAIT_SECONDS_MAX = 25;
/** Lines shown before and after each match. */
const CONTEXT_LINES_MAX = 50;

/** What comes with matches, as a URL has it. */
export const aroundShape = {
  context: wholeNumber(0, CONTEXT_LINES_MAX).default(0),
  traces: z.enum(['true', 'false', '1', '0'], 'must be true or false').optional(),
};

/** What those parameters ask for: of both, context. */
export function aroundOf({ context, traces }: z.output<z.ZodObject<typeof aroundShape>>): LinesAround | undefined {
  if (context > 0) return { kind: 'context', lines: context };
  return traces === 'true' || traces === '1' ? { kind: 'traces' } : undefined;
}

const schema = z.object({
  limit: wholeNumber(1, PAGE_LINES_MAX).default(100),
  offset: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
  after: z.string().optional(),
  tail: wholeNumber(1, PAGE_LINES_MAX).optional(),
  at: timeParameter.optional(),
  wait: wholeNumber(1, WAIT_SECONDS_MAX).optional(),
  ...aroundShape,
});

/** Where a page begins; `after` is not yet held against the run. */
export type HistoryStart =
  | { kind: 'offset'; offset: number }
  | { kind: 'after'; after: string }
  | { kind: 'tail'; count: number }
  | { kind: 'at'; timeUs: number };

export interface HistoryQuery {
  start: HistoryStart;
  limit: number;
  /** 0: do not wait. */
  waitMs: number;
  filter: LineFilter;
  /** What comes with the lines that pass the filter. */
  around: LinesAround | undefined;
}

/** The parameters of GET /logs/job-runs/{id}. Of several starts the first of after, tail, at, offset counts. */
export function parseHistoryQuery(parameters: URLSearchParams): HistoryQuery {
  const { limit, offset, after, tail, at, wait, ...around } = parseParameters(schema, parameters);
  let start: HistoryStart = { kind: 'offset', offset };
  if (after !== undefined) start = { kind: 'after', after };
  else if (tail !== undefined) start = { kind: 'tail', count: tail };
  else if (at !== undefined) start = { kind: 'at', timeUs: at };
  return {
    start,
    limit: start.kind === 'tail' ? start.count : limit,
    waitMs: start.kind === 'after' ? (wait ?? 0) * 1000 : 0,
    filter: filterOrThrow(parseFilter(parameters)),
    around: aroundOf(around),
  };
}

/** Parameters by a schema; empty ones count as absent, of repeated ones the last counts. */
export function parseParameters<Schema extends z.ZodType>(
  schema: Schema,
  parameters: URLSearchParams,
): z.output<Schema> {
  const given = Object.fromEntries([...parameters].filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (!parsed.success) throw fromZodError(parsed.error);
  return parsed.data;
}
