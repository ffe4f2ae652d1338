import { z } from 'zod';
import type { FilterParameter, FilterParameters } from '@/lib/protocol/filter';
import { parseFilter } from '@/lib/protocol/filter-parse';
import { type LineRange, parseLineParameter } from '@/lib/protocol/line-range';
import type { LineFormat } from './line-printer';
import { type GivenFilter, parseRunAddress } from './run-address';

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
  const filter = { ...address.filter, ...filterOf(options) };
  const problem = findProblem(filter);
  if (problem !== undefined) return problem;
  return {
    runId: address.runId,
    baseUrl: address.baseUrl,
    filter: joined(filter),
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

/** What was given for each parameter; options go before an address. */
function filterOf(options: Options): GivenFilter {
  const { level, stream, task, taskRun, attempt, from, to, q } = options;
  const given = { level, stream, task_name: task, task_run_id: taskRun, attempt, from, to, q };
  const filter: GivenFilter = options.case ? { case: ['1'] } : {};
  return { ...filter, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

/** What the server would refuse, said without asking it. */
function findProblem(filter: GivenFilter): string | undefined {
  const parse = parseFilter(filter);
  if (parse.ok) return undefined;
  const place = parse.at === undefined ? '' : `, at character ${parse.at + 1}`;
  return `${OPTION_OF[parse.field] ?? `--${parse.field}`} ${parse.detail}${place}`;
}

/** As `parseFilter` joins repeated values; of times there is one. */
function joined(filter: GivenFilter): FilterParameters {
  const entries = Object.entries(filter).map(([name, given]) => [name, given.join(name === 'q' ? ' ' : ',')]);
  return Object.fromEntries(entries.filter(([, text]) => text !== ''));
}

/** The options say where to begin; without them an address does, and one that is followed goes on behind its lines. */
function startOf({ follow, tail, after, lines }: Options, addressed: LineRange | undefined): LogsStart {
  if (tail !== undefined || after !== undefined || lines || !addressed) return { tail, after, lines };
  return follow ? { after: addressed.first - 1 } : { lines: addressed };
}
