import { setImmediate } from 'node:timers/promises';
import type { Row } from 'postgres';
import { z } from 'zod';
import { StratalError } from '@/lib/errors/stratal-error';
import type { GroupAtLine, GroupsAtLine } from '@/lib/protocol/api';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import { storedFacetsSchema } from '@/lib/store/chunk-codec';
import type { Sql } from '@/lib/store/database';
import type { LineBatch } from '@/lib/store/line-batch';
import type { PageSource } from '@/lib/store/page';
import { readRunHead } from '@/lib/store/run-head';
import type { LogStore, RunHead, RunRef } from '@/lib/store/store';
import { toStoreError } from '@/lib/store/store-error';
import { addTally, type Tally } from '@/lib/terminal/group-tally';
import { countBetween, type LineCounts } from './count-between';
import { type OpenGroup, OpenGroups } from './open-groups';
import { SharedReads } from './shared-reads';

/** Groups of one answer: of more the innermost, those that begin last. */
const GROUPS_MAX = 128;
/** What is gone through for one answer, counted in usual markers (`OpenGroups.work`): some 100 ms. */
const WORK_MAX = 500_000;
/** After so much work commits and live readers have their turn. */
const WORK_PER_TURN = 8192;
/** A read takes several thousand usual markers, so that its round trip costs less than they do. */
const CHUNKS_PER_READ = 256;
/** So many of these at most: the rest of the pool is for pages and streams. More wait for their turn. */
const READS_MAX = 2;
/** Marks and facets are held in memory until they are gone through; large ones are read a few chunks at a time. */
const BYTES_PER_READ = 2 * 1024 * 1024;

const markedSchema = z.object({
  first_line: z.number(),
  line_count: z.number(),
  facets: storedFacetsSchema,
  marks: z.instanceof(Buffer),
});

/** Tells which groups are open at a line of a run. Who asks for the same while it is read gets the same answer. */
export function groupReader(source: PageSource): LogStore['groupsAt'] {
  const reads = new SharedReads<GroupsAtLine>(READS_MAX);
  return async (run, line, signal) => {
    const head = await readRunHead(source.sql, { key: run.key });
    if (!head) throw new StratalError('STRATAL_NO_RUN', `There is no job run ${run.id}.`);
    // All lines that are not there yet have the same answer.
    const at = Math.min(line, head.lastLine + 1);
    return reads.read(`${run.key}:${at}`, signal, (shared) => readGroupsAt(source, { run, head }, at, shared));
  };
}

/**
 * The groups that are open at a line, with what is in them over the whole run as of the reading. Numbers of lines never
 * change, so statements may see merges between them; a group whose marker retention takes meanwhile is left out.
 */
async function readGroupsAt(
  source: PageSource,
  { run, head }: { run: RunRef; head: RunHead },
  line: number,
  signal: AbortSignal,
): Promise<GroupsAtLine> {
  const through = head.lastLine;
  const open = await orStoreError(pairMarkers(source, head, line, signal), signal);
  if (open === undefined) return { groups: null, through };
  const groups = open.finish().slice(-GROUPS_MAX);
  if (groups.length === 0) return { groups: [], through };
  const bounds = [...new Set(groups.flatMap((group) => boundsOf(group, line, through)))].sort((a, b) => a - b);
  const tasks = [...new Set(groups.map(({ task }) => task))];
  const { counts, firstLine } = await orStoreError(
    countBetween(source.sql, run.key, { bounds, tasks }, signal),
    signal,
  );
  source.chunks.forget(run.key, firstLine);
  const answers: GroupAtLine[] = [];
  for (const group of groups) {
    signal.throwIfAborted();
    if (group.line < firstLine) continue;
    const answer = await describe(source, run, group, { line, through, counts, marks: open.marksOf(group.task) });
    if (answer) answers.push(answer);
  }
  return { groups: answers, through };
}

/** Reads that meet a broken chunk or a database that is away fail as a store does. */
async function orStoreError<Result>(read: Promise<Result>, signal: AbortSignal): Promise<Result> {
  try {
    return await read;
  } catch (error) {
    signal.throwIfAborted();
    throw toStoreError(error);
  }
}

/** The run's markers, as many as the answer needs; undefined where they are too many. */
async function pairMarkers(
  { sql }: PageSource,
  head: RunHead,
  at: number,
  signal: AbortSignal,
): Promise<OpenGroups | undefined> {
  const open = new OpenGroups(at, head.lastLine);
  let untilTurn = WORK_PER_TURN;
  let isLast = false;
  for (let next = head.firstLine; !open.isSettled && !isLast && next <= head.lastLine; ) {
    signal.throwIfAborted();
    const rows = await readMarked(sql, head, next);
    isLast = rows.length < CHUNKS_PER_READ && rows.length === z.number().parse(rows[0]?.found ?? 0);
    for (const row of rows) {
      const { first_line: firstLine, line_count: lineCount, facets, marks } = markedSchema.parse(row);
      // One that was merged since may begin with lines that were gone through.
      open.add({ firstLine, facets, marks }, next);
      next = Math.max(next, firstLine + lineCount);
      if (open.work > WORK_MAX) return undefined;
      if (open.isSettled) break;
      if (open.work < untilTurn) continue;
      untilTurn = open.work + WORK_PER_TURN;
      await setImmediate();
      signal.throwIfAborted();
    }
  }
  return open;
}

/** The next chunks with markers, those of line `next` and below it. `found`: how many there are, up to CHUNKS_PER_READ. */
async function readMarked(sql: Sql, head: RunHead, next: number): Promise<Row[]> {
  return sql`
    select first_line, line_count, facets, marks, found from (
      select near.*, (count(*) over ())::int as found,
        (sum(octet_length(marks) + octet_length(facets::text)) over (order by first_line))
          - octet_length(marks) - octet_length(facets::text) as bytes_before
      from (
        select first_line, line_count, facets, marks from log_chunks
        where run_key = ${head.key} and marks is not null and first_line <= ${head.lastLine}
          and first_line >= coalesce((
            select max(first_line) from log_chunks
            where run_key = ${head.key} and marks is not null and first_line <= ${next}), ${next})
          and first_line + line_count > ${next}
        order by first_line limit ${CHUNKS_PER_READ}
      ) as near
    ) as summed
    where bytes_before < ${BYTES_PER_READ} order by first_line
  `;
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
