import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { StratalError } from '@/lib/errors/stratal-error';
import type { GroupAtLine, GroupsAtLine } from '@/lib/protocol/api';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import { storedFacetsSchema } from '@/lib/store/chunk-codec';
import type { LineBatch } from '@/lib/store/line-batch';
import type { PageSource } from '@/lib/store/page';
import { readRunHead } from '@/lib/store/run-head';
import type { RunHead, RunRef } from '@/lib/store/store';
import { toStoreError } from '@/lib/store/store-error';
import { addTally, type Tally } from '@/lib/terminal/group-tally';
import { countBetween, type LineCounts } from './count-between';
import { type OpenGroup, OpenGroups } from './open-groups';

/** Groups of one answer: of more the innermost, those that begin last. */
const GROUPS_MAX = 128;
/** Markers that are gone through for one answer: some 100 ms of work. */
const MARKS_MAX = 500_000;
const CHUNKS_PER_READ = 256;
/** After so many markers commits and live readers have their turn. */
const MARKS_PER_TURN = 8192;

const markedSchema = z.object({
  first_line: z.number(),
  line_count: z.number(),
  facets: storedFacetsSchema,
  marks: z.instanceof(Buffer),
});

/**
 * The groups that are open at a line, with what is in them over the whole run as of the reading. Numbers of lines never
 * change, so statements may see merges between them; a group whose marker retention takes meanwhile is left out.
 */
export async function readGroupsAt(source: PageSource, run: RunRef, line: number): Promise<GroupsAtLine> {
  const head = await readRunHead(source.sql, { key: run.key });
  if (!head) throw new StratalError('STRATAL_NO_RUN', `There is no job run ${run.id}.`);
  const through = head.lastLine;
  const open = await orStoreError(pairMarkers(source, head, line));
  if (open === undefined) return { groups: null, through };
  const groups = open.finish().slice(-GROUPS_MAX);
  if (groups.length === 0) return { groups: [], through };
  const bounds = [...new Set(groups.flatMap((group) => boundsOf(group, line, through)))].sort((a, b) => a - b);
  const tasks = [...new Set(groups.map(({ task }) => task))];
  const { counts, firstLine } = await orStoreError(countBetween(source.sql, run.key, bounds, tasks));
  source.chunks.forget(run.key, firstLine);
  const answers: GroupAtLine[] = [];
  for (const group of groups) {
    if (group.line < firstLine) continue;
    const answer = await describe(source, run, group, { line, through, counts, marks: open.marksOf(group.task) });
    if (answer) answers.push(answer);
  }
  return { groups: answers, through };
}

/** Reads that meet a broken chunk or a database that is away fail as a store does. */
async function orStoreError<Result>(read: Promise<Result>): Promise<Result> {
  try {
    return await read;
  } catch (error) {
    throw toStoreError(error);
  }
}

/** The run's markers, as many as the answer needs; undefined where they are too many. */
async function pairMarkers({ sql }: PageSource, head: RunHead, at: number): Promise<OpenGroups | undefined> {
  const open = new OpenGroups(at, head.lastLine);
  let untilTurn = MARKS_PER_TURN;
  for (let next = head.firstLine; !open.isSettled; ) {
    const rows = await sql`
      select first_line, line_count, facets, marks from log_chunks
      where run_key = ${head.key} and marks is not null and first_line <= ${head.lastLine}
        and first_line >= coalesce((
          select max(first_line) from log_chunks
          where run_key = ${head.key} and marks is not null and first_line <= ${next}), ${next})
      order by first_line limit ${CHUNKS_PER_READ}
    `;
    for (const row of rows) {
      const { first_line: firstLine, line_count: lineCount, ...rest } = markedSchema.parse(row);
      // One that was merged since may begin with lines that were gone through.
      open.add({ firstLine, ...rest }, next);
      next = Math.max(next, firstLine + lineCount);
      if (open.marks > MARKS_MAX) return undefined;
      if (open.isSettled) break;
      if (open.marks < untilTurn) continue;
      untilTurn = open.marks + MARKS_PER_TURN;
      await setImmediate();
    }
    if (rows.length < CHUNKS_PER_READ) break;
  }
  return open;
}

function boundsOf({ line: marker, end }: OpenGroup, line: number, through: number): number[] {
  return [marker + 1, end ?? through + 1, Math.min(line, end ?? through + 1)];
}

interface Reading {
  line: number;
  through: number;
  counts: LineCounts;
  /** All markers of the group's task. */
  marks: Tally;
}

/** Undefined where the marker is gone. */
async function describe(
  source: PageSource,
  run: RunRef,
  group: OpenGroup,
  { line, through, counts, marks }: Reading,
): Promise<GroupAtLine | undefined> {
  const { task, end } = group;
  const [start, stop, middle = 0] = boundsOf(group, line, through);
  if (start === undefined || stop === undefined) return undefined;
  const marker = await source.chunks.readBatch(run, group.line);
  if (marker?.firstLine !== group.line) return undefined;
  const total = counts.between(task, start, stop);
  addTally(total, group.marksInAll ?? marks, -1);
  addTally(total, group.marksThrough);
  const before = counts.between(task, start, middle);
  addTally(before, group.marksBefore, -1);
  addTally(before, group.marksThrough);
  const lastUs = end === undefined ? await newestOf(source, run, task, counts) : await timeOf(source, run, end);
  return {
    line: marker.toLogMessage(0),
    ...(end !== undefined && { end }),
    ...total,
    before,
    last_at: formatTimestamp(Math.max(marker.timeUs(0), lastUs)),
  };
}

async function timeOf(source: PageSource, run: RunRef, line: number): Promise<number> {
  const batch = await source.chunks.readBatch(run, line);
  return batch?.firstLine === line ? batch.timeUs(0) : 0;
}

/** The time of the newest line of a task that was counted. */
async function newestOf(source: PageSource, run: RunRef, task: number, counts: LineCounts): Promise<number> {
  const { first, last } = counts.newestOf(task) ?? { first: 1, last: 0 };
  let found = 0;
  for (let line = first; line <= last; ) {
    const batch = await source.chunks.readBatch(run, line);
    if (batch?.firstLine !== line) break;
    const index = lastIndexOf(batch, task, last);
    if (index !== -1) found = batch.timeUs(index);
    line = batch.lastLine + 1;
  }
  return found;
}

function lastIndexOf(batch: LineBatch, task: number, last: number): number {
  let index = Math.min(batch.count - 1, last - batch.firstLine);
  while (index >= 0 && (batch.facet(index).task?.key ?? 0) !== task) index -= 1;
  return index;
}
