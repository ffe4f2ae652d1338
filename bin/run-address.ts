import { FILTER_PARAMETERS, type FilterParameter } from '@/lib/protocol/filter';
import { type FindState, NO_FIND } from '@/lib/protocol/find-term';
import { isId } from '@/lib/protocol/ids';
import { type LineRange, parseLineHash, parseLineParameter } from '@/lib/protocol/line-range';

/** Values of the filter as they were given, each parameter's in order. */
export type GivenFilter = Partial<Record<FilterParameter, readonly string[]>>;

/** What names a run: its id, or the address of its page with what that shows. */
export interface RunAddress {
  runId: string;
  /** The server of a page, without a slash at its end; absent with an id alone. */
  baseUrl?: string;
  filter: GivenFilter;
  /** The page shows the lines alone that this search finds. */
  find?: FindState;
  lines?: LineRange;
}

const PAGE_PATH = /^(.*)\/job-runs\/([^/]+)\/?$/;

/** Reads a run's id or the address of its page; a sentence where it is neither. */
export function parseRunAddress(text: string): RunAddress | string {
  if (isId(text)) return { runId: text, filter: {} };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [, path = '', runId = ''] = (url && PAGE_PATH.exec(url.pathname)) ?? [];
  if (!url || !/^https?:$/.test(url.protocol) || !isId(runId)) {
    return 'the run must be its id, or the address of its page, such as http://localhost:8080/job-runs/ID';
  }
  if (url.username !== '' || url.password !== '') {
    return 'the address must not hold a user name or password; use STRATAL_TOKEN';
  }
  const lines = parseLineHash(url.hash) ?? parseLineParameter(url.searchParams.get('line') ?? '');
  const find = findOf(url.searchParams);
  const filter = filterOf(url.searchParams);
  return { runId, baseUrl: url.origin + path, filter, ...(find && { find }), ...(lines && { lines }) };
}

function findOf(parameters: URLSearchParams): FindState | undefined {
  const is = (name: string) => parameters.get(name)?.toLowerCase() === 'true';
  const text = parameters.get('find') ?? '';
  if (!is('only') || text === '') return undefined;
  return { ...NO_FIND, text, isRegex: is('findregex'), isCaseSensitive: is('findcase'), isOnly: true };
}

/** A page has the query's names, but for its task runs, which it calls `task`. */
function filterOf(parameters: URLSearchParams): GivenFilter {
  const filter: GivenFilter = {};
  for (const name of FILTER_PARAMETERS) {
    const values = [...parameters.getAll(name), ...(name === 'task_run_id' ? parameters.getAll('task') : [])];
    if (values.length > 0) filter[name] = values;
  }
  return filter;
}
