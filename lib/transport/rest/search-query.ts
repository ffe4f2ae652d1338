import { z } from 'zod';
import { filterOrThrow } from '@/lib/errors/bad-filter';
import type { LineFilter } from '@/lib/protocol/filter';
import { parseFilter } from '@/lib/protocol/filter-parse';
import { parseParameters, wholeNumber } from './history-query';

/** Matches of one search; `next` goes on behind them. */
export const SEARCH_LIMIT_MAX = 1_000_000;

const schema = z.object({ limit: wholeNumber(1, SEARCH_LIMIT_MAX).default(1000), after: z.string().default('0') });

export interface RestSearchQuery {
  limit: number;
  /** A cursor or line number, not yet held against the run. */
  after: string;
  filter: LineFilter;
}

/** The parameters of GET /logs/job-runs/{id}/search. */
export function parseSearchQuery(parameters: URLSearchParams): RestSearchQuery {
  return { ...parseParameters(schema, parameters), filter: filterOrThrow(parseFilter(parameters)) };
}
