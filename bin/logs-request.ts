import { z } from 'zod';
import type { FilterParameter, FilterParameters } from '@/lib/protocol/filter';
import { formatFilter, parseFilter } from '@/lib/protocol/filter-parse';
import { type FindState, faultPlace, findTerm, searchParameters } from '@/lib/protocol/find-term';
import { type LineRange, parseLineParameter } from '@/lib/protocol/line-range';
import type { LineFormat } from './line-printer';
import { type GivenFilter, parseRunAddress, type RunAddress } from './run-address';

/** Where to begin: with the newest `tail` lines, behind a line, with a range's first one, or with all there is. */
export interface LogsStart {
  tail?: number | undefined;
  after?: number | undefined;
  lines?: LineRange | undefined;
}

/** What `stratal logs` was asked to do. */
export interface LogsRequest {
  runId: string;
  /** The server that an address named; absent: the one of the environment. */
  baseUrl?: string | undefined;
  filter: FilterParameters;
  start: LogsStart;
  follow: boolean;
  format: LineFormat;
  /** False: escape sequences are taken out. */
  color: boolean;
}

const values = z.array(z.string()).optional();
const wholeNumber = z
  .string()
  .regex(/^\d{1,15}$/, 'must be a whole number')
  .transform(Number);

const optionsSchema = z.object({
  follow: z.boolean().default(false),
  tail: wholeNumber.optional(),
  after: wholeNumber.optional(),
  lines: z
    .string()
    .transform((text, context) => {
      const range = parseLineParameter(text);
      if (range) return range;
      context.addIssue({ code: 'custom', message: 'must be a line number, or two with - between, such as 120-134' });
      return z.NEVER;
    })
    .optional(),
  level: values,
  stream: values,
  task: values,
  taskRun: values,
  attempt: values,
  from: values,
  to: values,
  q: values,
  case: z.boolean().optional(),
  timestamps: z.boolean().default(false),
  numbers: z.boolean().default(false),
  json: z.boolean().default(false),
  color: z.boolean().default(true),
});
type Options = z.output<typeof optionsSchema>;

const OPTION_OF: Partial<Record<FilterParameter, string>> = { task_name: '--task', task_run_id: '--task-run' };

/** The request, or a sentence that says what is wrong with it. */
export function parseLogsRequest(run: string, given: unknown): LogsRequest | string {
  const address = parseRunAddress(run);
  if (typeof address === 'string') return address;
  const parsed = optionsSchema.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `--${String(issue?.path[0] ?? '')} ${issue?.message ?? 'is not valid'}`;
  }
  const options = parsed.data;
  const { follow, timestamps, numbers, json, color } = options;
  const conflict = findConflict(options);
  if (conflict !== undefined) return conflict;
  const filter = readFilter(address, options);
  if (typeof filter === 'string') return filter;
  return {
    runId: address.runId,
    baseUrl: address.baseUrl,
    filter,
    start: startOf(options, address.lines),
    follow,
    format: { timestamps, numbers, json },
    color,
  };
}

function findConflict({ follow, tail, after, lines, timestamps, numbers, json }: Options): string | undefined {
  const starts = Object.entries({ tail, after, lines }).filter(([, value]) => value !== undefined);
  const [first, second] = starts.map(([name]) => `--${name}`);
  if (second !== undefined) return `${first} and ${second} exclude each other: both say where to begin`;
  if (follow && lines) return '--follow and --lines exclude each other; --after begins behind a line and goes on';
  if (json && (timestamps || numbers)) return '--json has the time and the number of each line already';
  return undefined;
}

/** What the address shows and the options name, as the server takes it, or what it would refuse. `--q` is instead of all text of the address. */
function readFilter(address: RunAddress, options: Options): FilterParameters | string {
  const { q, case: caseOfText, ...others } = address.filter;
  const ofText: GivenFilter = { ...(q && { q }), ...(caseOfText && { case: caseOfText }) };
  const parse = parseFilter({ ...others, ...(options.q ? {} : ofText), ...filterOf(options) });
  if (!parse.ok) {
    const { field, detail, at } = parse;
    return `${OPTION_OF[field] ?? `--${field}`} ${detail}${at === undefined ? '' : placeOf(at)}`;
  }
  const filter = formatFilter(parse.filter);
  if (!address.find || options.q) return filter;
  const find = { ...address.find, isCaseSensitive: address.find.isCaseSensitive || options.case === true };
  const searching = searchParameters(filter, find);
  return findFault(find, searching) ?? searching;
}

/** What was given by options for each parameter. */
function filterOf(options: Options): GivenFilter {
  const { level, stream, task, taskRun, attempt, from, to, q } = options;
  const given = { level, stream, task_name: task, task_run_id: taskRun, attempt, from, to, q };
  const filter: GivenFilter = options.case ? { case: ['1'] } : {};
  return { ...filter, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** What is wrong with the search of an address, alone or joined to the filter. */
function findFault(find: FindState, searching: FilterParameters): string | undefined {
  const alone = parseFilter({ q: findTerm(find) });
  if (!alone.ok) return `find in the address: ${alone.detail}${placeOf(faultPlace(find, alone.at ?? 0))}`;
  const joined = parseFilter(searching);
  return joined.ok ? undefined : `q and find in the address together ${joined.detail}`;
}

function placeOf(at: number): string {
  return `, at character ${at + 1}`;
}

/** The options say where to begin; without them an address does, and one that is followed goes on behind its lines. */
function startOf({ follow, tail, after, lines }: Options, addressed: LineRange | undefined): LogsStart {
  if (tail !== undefined || after !== undefined || lines || !addressed) return { tail, after, lines };
  return follow ? { after: addressed.first - 1 } : { lines: addressed };
}
