import { z } from 'zod';
import { filterOrThrow } from '@/lib/errors/bad-filter';
import type { LineFilter } from '@/lib/protocol/filter';
import { parseFilter } from '@/lib/protocol/filter-parse';
import type { LinesAround } from '@/lib/protocol/lines-around';
import { parseTimestamp } from '@/lib/protocol/timestamp';
import { aroundOf, aroundShape, parseParameters } from './history-query';

const DAY_US = 86_400_000_000;

const lineRange = z.string().transform((text, context) => {
  const match = /^(\d{1,15})(?:-(\d{1,15}))?$/.exec(text);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? match?.[1]);
  if (match && first >= 1 && first <= last) return { first, last };
  context.addIssue({ code: 'custom', message: 'must be a line number, or two with - between, such as 120-134' });
  return z.NEVER;
});

const date = z.string().transform((text, context) => {
  const startUs = /^\d{4}-\d\d-\d\d$/.test(text) ? parseTimestamp(`${text}T00:00:00Z`) : undefined;
  if (startUs !== undefined) return { text, fromUs: startUs, toUs: startUs + DAY_US };
  context.addIssue({ code: 'custom', message: 'must be a day in UTC, such as 2024-01-15' });
  return z.NEVER;
});

const schema = z.object({
  format: z.enum(['text', 'raw', 'ndjson'], 'must be text, raw or ndjson').default('text'),
  date: date.optional(),
  lines: lineRange.optional(),
  compress: z.literal('gzip', 'must be gzip').optional(),
  inline: z.enum(['0', '1'], 'must be 1').optional(),
  ...aroundShape,
});

export interface DownloadQuery {
  format: 'text' | 'raw' | 'ndjson';
  /** One day in UTC. */
  date: { text: string; fromUs: number; toUs: number } | undefined;
  /** Line numbers, both inclusive. */
  lines: { first: number; last: number } | undefined;
  compress: boolean;
  inline: boolean;
  /** The day included. */
  filter: LineFilter;
  /** What comes with the lines that pass the filter, of that day and those numbers. */
  around: LinesAround | undefined;
}

/** The parameters of GET /logs/job-runs/{id}/download. */
export function parseDownloadQuery(parameters: URLSearchParams): DownloadQuery {
  const { format, date, lines, compress, inline, ...around } = parseParameters(schema, parameters);
  const filter = { ...filterOrThrow(parseFilter(parameters)) };
  if (date) {
    filter.fromUs = Math.max(filter.fromUs ?? 0, date.fromUs);
    filter.toUs = Math.min(filter.toUs ?? Number.POSITIVE_INFINITY, date.toUs);
  }
  return {
    format,
    date,
    lines,
    compress: compress !== undefined,
    inline: inline === '1',
    filter,
    around: aroundOf(around),
  };
}
