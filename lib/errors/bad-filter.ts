import type { LineFilter } from '@/lib/protocol/filter';
import type { FilterParse } from '@/lib/protocol/filter-parse';
import { StratalError } from './stratal-error';

/** The filter of a parse, or the STRATAL_BAD_FILTER that names the parameter and, in `q`, the place. */
export function filterOrThrow(parse: FilterParse): LineFilter {
  if (parse.ok) return parse.filter;
  const { field, detail, at } = parse;
  const place = at === undefined ? '' : `, at character ${at + 1}`;
  throw new StratalError('STRATAL_BAD_FILTER', `${field}: ${detail}${place}`, { members: { field, at } });
}
