import { z } from 'zod';
import { LEVELS } from '@/lib/protocol/log-message';
import { endsStreams, isFinal, type Status, statusSchema } from '@/lib/protocol/run';
import type { Sql } from '@/lib/store/database';
import { finishedLine, startedLine } from '@/lib/store/system-line';
import { checkChunk, chunkRowSchema } from './check-chunk';
import { type Report, RunReport } from './finding';
import { type LevelCounts, noLines, RunTotals } from './run-totals';

/** Chunks read at once: some MiB at most. */
const CHUNKS_PER_READ = 8;

const levelCounts = {
  info_count: z.number(),
  error_count: z.number(),
  warn_count: z.number(),
  debug_count: z.number(),
};
const runSchema = z.object({
  key: z.number(),
  id: z.string(),
  status: statusSchema,
  announced: z.boolean(),
  started_at: z.number().nullable(),
  finished_at: z.number().nullable(),
  exit_code: z.number().nullable(),
  signal: z.string().nullable(),
  first_line: z.number(),
  last_line: z.number(),
  ends: z.number(),
  byte_count: z.number(),
  ...levelCounts,
});
type RunRow = z.infer<typeof runSchema>;
const taskSchema = z.object({ key: z.number(), id: z.string(), task_name: z.string(), ...levelCounts });

/** Compares a run's row, tasks and chunks in one snapshot; undefined where the run is gone. `sql` has one connection. */
export function checkRun(
  sql: Sql,
  key: number,
  report: Report,
  signal: AbortSignal,
): Promise<{ lines: number; chunks: number } | undefined> {
  return inSnapshot(sql, async () => {
    const [row] = await sql`select * from job_runs where key = ${key}`;
    if (row === undefined) return undefined;
    const run = runSchema.parse(row);
    const runReport = new RunReport(run, report);
    const { totals, systemLines, chunks } = await checkChunks(sql, run, runReport, signal);
    if (totals.areComplete) {
      compareCounters(run, totals, runReport);
      await compareTasks(sql, run, totals, runReport);
      compareSystemLines(run, systemLines, runReport);
    }
    compareStatus(run, runReport);
    runReport.finish();
    return { lines: totals.lines, chunks };
  });
}

/**
 * Does the work in one transaction of the one connection; one that fails ends with that. The driver's own `begin`
 * (postgres.js 3.4.9) would roll back on a connection that was lost, by writing to a socket that is gone, which ends the process.
 */
async function inSnapshot<Result>(sql: Sql, work: () => Promise<Result>): Promise<Result> {
  await sql.unsafe('begin isolation level repeatable read read only');
  const result = await work();
  await sql.unsafe('rollback');
  return result;
}

async function checkChunks(sql: Sql, run: RunRow, report: RunReport, signal: AbortSignal) {
  const totals = new RunTotals();
  const systemLines: SystemLines = { first: undefined, hasEnd: false };
  const endMessage = endLineOf(run);
  let chunks = 0;
  let next = run.first_line;
  for (let after = Number.MIN_SAFE_INTEGER; ; ) {
    signal.throwIfAborted();
    const rows = await sql`
      select first_line, line_count, min_at, max_at, facets, text_bytes, codec, attrs, body, marks from log_chunks
      where run_key = ${run.key} and first_line > ${after} order by first_line limit ${CHUNKS_PER_READ}
    `;
    for (const row of rows) {
      const chunk = chunkRowSchema.parse(row);
      after = chunk.first_line;
      chunks += 1;
      reportSeam(next, chunk.first_line, report);
      next = Math.max(next, chunk.first_line + chunk.line_count);
      const content = await checkChunk(chunk, report);
      if (content === undefined) {
        totals.areComplete = false;
        continue;
      }
      totals.add(content.facets, content.messageBytes);
      systemLines.first ??= content.systemLines.get(1);
      systemLines.hasEnd ||= [...content.systemLines.values()].some((message) => message === endMessage);
    }
    if (rows.length < CHUNKS_PER_READ) break;
  }
  if (next <= run.last_line) report.add('lines', `${linesFromTo(next, run.last_line)} missing at its end.`);
  if (next > run.last_line + 1) {
    report.add('lines', `there are chunks up to line ${next - 1}, and the run says that ${run.last_line} is its last.`);
  }
  return { totals, systemLines, chunks };
}

function reportSeam(expected: number, found: number, report: RunReport): void {
  if (found > expected) report.add('lines', `${linesFromTo(expected, found - 1)} missing.`);
  if (found < expected) {
    report.add('lines', `a chunk begins at line ${found}, where line ${expected} or a later one was expected.`);
  }
}

function linesFromTo(first: number, last: number): string {
  return first === last ? `line ${first} is` : `lines ${first} to ${last} are`;
}

/** Counters are of the lines that are there, also where retention took some; `byte_count` alone is of all that ever came. */
function compareCounters(run: RunRow, totals: RunTotals, report: RunReport): void {
  const isWhole = run.first_line === 1;
  if (isWhole ? run.byte_count !== totals.bytes : run.byte_count < totals.bytes) {
    report.add('counters', `it counts ${run.byte_count} bytes, and its lines have ${totals.bytes}.`);
  }
  const counters = countersOf(run);
  for (const level of LEVELS) {
    if (counters[level] === totals.levels[level]) continue;
    report.add('counters', `it counts ${counters[level]} lines of level ${level}, and has ${totals.levels[level]}.`);
  }
  const counted = LEVELS.reduce((sum, level) => sum + counters[level], 0);
  const lines = run.last_line - run.first_line + 1;
  if (counted !== lines) {
    report.add('counters', `its levels count ${counted} lines in all, and it has ${lines}.`);
  }
}

async function compareTasks(sql: Sql, run: RunRow, totals: RunTotals, report: RunReport): Promise<void> {
  const rows = await sql`
    select key, id, task_name, info_count, error_count, warn_count, debug_count from task_runs where run_key = ${run.key} order by key
  `;
  const unknown = new Map(totals.tasks);
  for (const row of rows) {
    const task = taskSchema.parse(row);
    const counters = countersOf(task);
    const stored = totals.tasks.get(task.key) ?? noLines();
    unknown.delete(task.key);
    for (const level of LEVELS) {
      if (counters[level] === stored[level]) continue;
      report.add(
        'counters',
        `task ${task.id} (${task.task_name}) counts ${counters[level]} lines of level ${level}, and has ${stored[level]}.`,
      );
    }
  }
  for (const key of unknown.keys()) {
    report.add('index', `lines name the task with key ${key}, which this run does not have.`);
  }
}

function countersOf(row: {
  info_count: number;
  error_count: number;
  warn_count: number;
  debug_count: number;
}): LevelCounts {
  return { info: row.info_count, error: row.error_count, warn: row.warn_count, debug: row.debug_count };
}

interface SystemLines {
  /** Line 1, if it is a `system` line. */
  first: string | undefined;
  hasEnd: boolean;
}

/** What a run that was made by POST /job-runs says of itself: its start is line 1, its end another line. */
function compareSystemLines(run: RunRow, lines: SystemLines, report: RunReport): void {
  // What retention removed cannot be looked for.
  if (!run.announced || run.first_line > 1) return;
  if (run.status !== 'pending' && lines.first !== startedLine(0).message) {
    report.add('status', 'line 1 does not say that it started.');
  }
  if (isFinal(run.status) && !lines.hasEnd) report.add('status', `no line says that it has ended as ${run.status}.`);
}

function endLineOf({ status, exit_code, signal }: RunRow): string | undefined {
  if (!isFinal(status)) return undefined;
  return finishedLine({ status, exitCode: exit_code ?? undefined, signal: signal ?? undefined }, 0).message;
}

function compareStatus(run: RunRow, report: RunReport): void {
  const { status, ends } = run;
  if (run.first_line < 1 || run.first_line > run.last_line + 1) {
    report.add('status', `its first line is ${run.first_line}, and its last ${run.last_line}.`);
  }
  if (status === 'pending' && (run.last_line > 0 || ends > 0)) {
    report.add('status', 'it is pending, and has lines or ends.');
  }
  if (status !== 'pending' && run.started_at === null) report.add('status', `it is ${status} without a time of start.`);
  if (endsStreams(status) && ends < 1) report.add('status', `it is ${status}, and its ends count ${ends}.`);
  if (endsStreams(status) !== (run.finished_at !== null)) report.add('status', describeFinish(status));
}

function describeFinish(status: Status): string {
  return endsStreams(status) ? `it is ${status} without a time of end.` : `it is ${status} and has a time of end.`;
}
