import { z } from 'zod';
import { filterOrThrow } from '@/lib/errors/bad-filter';
import { StratalError } from '@/lib/errors/stratal-error';
import type { LineFilter } from '@/lib/protocol/filter';
import { parseFilter } from '@/lib/protocol/filter-parse';
import { parseParameters, wholeNumber } from './history-query';

const BUCKETS_MAX = 1000;

const schema = z.object({ buckets: wholeNumber(1, BUCKETS_MAX).default(100) });

export interface RestVolumeQuery {
  fromUs: number | undefined;
  toUs: number | undefined;
  buckets: number;
  /** Sets alone. */
  filter: LineFilter;
}

/** The parameters of GET /logs/job-runs/{id}/volume. Text is refused, as no text is read. */
export function parseVolumeQuery(parameters: URLSearchParams): RestVolumeQuery {
  const { fromUs, toUs, text, ...filter } = filterOrThrow(parseFilter(parameters));
  if (text) throw badParameter('q', 'is not taken here: lines are counted without reading their text');
  if (fromUs !== undefined && toUs !== undefined && toUs <= fromUs) throw badParameter('to', 'must be after `from`');
  return { ...parseParameters(schema, parameters), fromUs, toUs, filter };
}

function badParameter(field: string, words: string): StratalError {
  return new StratalError('STRATAL_BAD_PARAMETER', `${field}: ${words}.`, { members: { field } });
}
