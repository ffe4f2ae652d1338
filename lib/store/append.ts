import { z } from 'zod';
import { statusSchema } from '@/lib/protocol/run';
import { encodeGroup } from './append-encode';
import { toAppendError } from './append-error';
import { appendLines } from './append-lines';
import type { Sql } from './database';
import { batchBytes, LineBatch } from './line-batch';
import { runEndSchema, toRunEnd } from './run-end';
import type { AppendOp, AppendOutcome, AppendResult, SourceAdvance } from './store';

const run = { run_key: z.number(), id: z.string(), status: statusSchema };
const outcomeSchema = z.discriminatedUnion('outcome', [
  z.object({
    outcome: z.literal('done'),
    ...run,
    position: z.number(),
    first_line: z.number(),
    line_count: z.number(),
    run_end: runEndSchema.nullable(),
  }),
  z.object({ outcome: z.literal('unchanged'), ...run }),
  z.object({ outcome: z.literal('conflict'), ...run, job_name: z.string() }),
  z.object({ outcome: z.literal('gone') }),
]);
const resultSchema = z.union([
  z.object({ stale: z.record(z.string(), z.number()) }),
  z.object({ gone: z.array(z.number()) }),
  z.object({ pending: z.array(z.number()) }),
  z.object({ outcomes: z.array(outcomeSchema), previous: z.number(), position: z.number(), at: z.number() }),
]);

/**
 * Commits a group of steps in one round trip. Throws STRATAL_STORE_DOWN where nothing was stored, and
 * STRATAL_INGEST_UNCERTAIN where the connection broke before the answer, so that the commit may or may not have happened.
 */
export async function append(
  sql: Sql,
  ops: readonly AppendOp[],
  sources: readonly SourceAdvance[],
): Promise<AppendResult> {
  const [op, ...more] = ops;
  if (op?.kind === 'lines' && more.length === 0 && sources.length <= 1) {
    const committed = await appendLines(sql, op, sources[0]);
    if (committed) return committed;
  }
  const group = encodeGroup(ops, Date.now() * 1000);
  let answer: unknown;
  try {
    const [row] = await sql`
      select stratal_append(${JSON.stringify(sources)}::text::jsonb, ${JSON.stringify(group.steps)}::text::jsonb, ${group.blob}) as result
    `;
    answer = row?.result;
  } catch (error) {
    throw await toAppendError(error);
  }
  const result = resultSchema.parse(answer);
  if ('stale' in result) return { kind: 'stale', actual: new Map(Object.entries(result.stale)) };
  if ('gone' in result) return { kind: 'gone', runKeys: result.gone };
  if ('pending' in result) {
    const steps = startFirst(ops, new Set(result.pending));
    const started = await append(sql, steps, sources);
    if (started.kind !== 'committed') return started;
    const asked = new Set(ops);
    return { ...started, outcomes: started.outcomes.filter((_, index) => contains(asked, steps[index])) };
  }
  const outcomes = result.outcomes.map((outcome, index) =>
    toOutcome(outcome, result.at, group.columns[index], group.textBytes[index] ?? 0),
  );
  const commits = outcomes.flatMap((outcome) =>
    outcome.kind === 'done' ? [{ entry: outcome.entry, batch: outcome.batch }] : [],
  );
  return { kind: 'committed', outcomes, commits, previousPosition: result.previous, position: result.position };
}

/** The steps with a `start` before the first lines of each run that is still pending. */
function startFirst(ops: readonly AppendOp[], pending: Set<number>): AppendOp[] {
  const steps: AppendOp[] = [];
  for (const op of ops) {
    if (op.kind === 'lines' && pending.delete(op.run.key)) steps.push({ kind: 'start', run: op.run });
    steps.push(op);
  }
  return steps;
}

function toOutcome(
  outcome: z.infer<typeof outcomeSchema>,
  atUs: number,
  columns: LineBatch['columns'] | undefined,
  textBytes: number,
): AppendOutcome {
  if (outcome.outcome === 'gone') return { kind: 'gone' };
  const run = { key: outcome.run_key, id: outcome.id };
  if (outcome.outcome === 'unchanged') return { kind: 'unchanged', run };
  if (outcome.outcome === 'conflict')
    return { kind: 'conflict', run, status: outcome.status, jobName: outcome.job_name };
  const { position, first_line: firstLine, line_count: lineCount, status } = outcome;
  const end = outcome.run_end ? toRunEnd(outcome.run_end) : undefined;
  const entry = { ...run, position, firstLine, lineCount, atUs, status, end };
  const batch =
    columns && lineCount > 0 ? new LineBatch(run, firstLine, columns, batchBytes(textBytes, lineCount)) : undefined;
  return { kind: 'done', entry, batch, run };
}

function contains<T>(set: ReadonlySet<T>, value: T | undefined): boolean {
  return value !== undefined && set.has(value);
}
