import { and, desc, eq, getTableColumns, gte, inArray, lt, or, type SQL, sql } from 'drizzle-orm';
import { jobRuns } from '@/drizzle/schema';
import { StratalError } from '@/lib/errors/stratal-error';
import { type Metadata, type Run, statusSchema, storedMetadataSchema } from '@/lib/protocol/run';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { Database } from './database';
import type { RunListQuery, RunRef } from './store';
import { toStoreError } from './store-error';

type Orm = Database['orm'];
type RunRow = typeof jobRuns.$inferSelect;

const metadataBytes = sql<number>`coalesce(octet_length(${jobRuns.metadata}::text), 0)`;
const listedAt = sql<number>`coalesce(${jobRuns.startedAt}, ${jobRuns.createdAt})`;

export async function readRun(orm: Orm, id: string): Promise<Run | undefined> {
  const [row] = await guard(() => orm.select().from(jobRuns).where(eq(jobRuns.id, id)));
  return row && toRun(row);
}

export async function* readRunsByKey(
  orm: Orm,
  keys: readonly number[],
  metadataBytesMax = Number.POSITIVE_INFINITY,
): AsyncGenerator<Run[]> {
  if (keys.length === 0) return;
  const found = await guard(() =>
    orm
      .select({ key: jobRuns.key, bytes: metadataBytes })
      .from(jobRuns)
      .where(inArray(jobRuns.key, [...keys])),
  );
  const isBare = ({ bytes }: { bytes: number }) => bytes > metadataBytesMax;
  const bare = await readRows(orm, found.filter(isBare), WITHOUT_METADATA);
  if (bare.length > 0) yield bare.map(toRun);
  let left = found.filter((run) => !isBare(run));
  while (left.length > 0) {
    const page = left.slice(0, countThatFit(left));
    left = left.slice(page.length);
    yield (await readRows(orm, page)).map(toRun);
  }
}

const COLUMNS = getTableColumns(jobRuns);
const WITHOUT_METADATA = { ...COLUMNS, metadata: sql<null>`null` };

async function readRows(
  orm: Orm,
  found: ReadonlyArray<{ key: number }>,
  columns: typeof COLUMNS | typeof WITHOUT_METADATA = COLUMNS,
): Promise<RunRow[]> {
  if (found.length === 0) return [];
  const keys = found.map(({ key }) => key);
  return guard(() => orm.select(columns).from(jobRuns).where(inArray(jobRuns.key, keys)));
}

/** Metadata of one page of runs; a page that reaches it ends early. */
const PAGE_METADATA_BYTES_MAX = 4 * 1024 * 1024;

/** Runs, newest started first. `next` continues after the page's last run, whatever was added meanwhile. */
export async function listRuns(orm: Orm, query: RunListQuery): Promise<{ runs: Run[]; next: string | null }> {
  const where: Array<SQL | undefined> = [visibleTo(query.jobs)];
  if (query.status && query.status.length > 0) where.push(inArray(jobRuns.status, [...query.status]));
  if (query.q !== undefined && query.q !== '') {
    const pattern = `%${query.q.replace(/[\\%_]/g, '\\$&')}%`;
    where.push(or(sql`${jobRuns.jobName} ilike ${pattern}`, sql`${jobRuns.id} ilike ${pattern}`));
  }
  if (query.fromUs !== undefined) where.push(gte(listedAt, query.fromUs));
  if (query.toUs !== undefined) where.push(lt(listedAt, query.toUs));
  if (query.after !== undefined) {
    const [at, key] = parseListCursor(query.after);
    where.push(sql`(${listedAt}, ${jobRuns.key}) < (${at}, ${key})`);
  }
  const found = await guard(() =>
    orm
      .select({
        key: jobRuns.key,
        at: listedAt,
        bytes: metadataBytes,
      })
      .from(jobRuns)
      .where(and(...where))
      .orderBy(desc(listedAt), desc(jobRuns.key))
      .limit(query.limit + 1),
  );
  const page = found.slice(0, countThatFit(found.slice(0, query.limit)));
  const runs = new Map((await readRows(orm, page)).map((row) => [row.key, toRun(row)]));
  const last = page.at(-1);
  return {
    runs: page.flatMap(({ key }) => runs.get(key) ?? []),
    next: found.length > page.length && last ? `${last.at}.${last.key}` : null,
  };
}

/** How many of the first runs have metadata within the bound; one at least. */
function countThatFit(found: ReadonlyArray<{ bytes: number }>): number {
  let bytes = 0;
  const end = found.findIndex((run) => {
    bytes += run.bytes;
    return bytes > PAGE_METADATA_BYTES_MAX;
  });
  return end < 0 ? found.length : Math.max(1, end);
}

/** The runs of visible jobs; of none where there is no pattern. */
function visibleTo(jobs: RunListQuery['jobs']): SQL | undefined {
  if (jobs === 'all') return undefined;
  const names = jobs.map(
    (pattern) => sql`${jobRuns.jobName} like ${pattern.replace(/[\\%_]/g, '\\$&').replaceAll('*', '%')}`,
  );
  return names.length === 0 ? sql`false` : or(...names);
}

/** The numbers of a list's `after`; STRATAL_BAD_CURSOR where it is none. */
function parseListCursor(text: string): [number, number] {
  const match = /^(\d{1,16})\.(\d{1,15})$/.exec(text);
  if (!match)
    throw new StratalError(
      'STRATAL_BAD_CURSOR',
      'after: is not a cursor of this list; take `next` of the page before.',
      { members: { field: 'after' } },
    );
  return [Number(match[1]), Number(match[2])];
}

/** The run's key; made (running, job_name = id) where it is unknown and `create` says so. */
export async function resolveRun(orm: Orm, id: string): Promise<RunRef | undefined> {
  const [known] = await guard(() =>
    orm.select({ key: jobRuns.key, id: jobRuns.id }).from(jobRuns).where(eq(jobRuns.id, id)),
  );
  return known;
}

/** Merges metadata and sets the pin; false where there is no such run. */
export async function updateRun(
  orm: Orm,
  id: string,
  change: { metadata?: Metadata | undefined; pinned?: boolean | undefined },
): Promise<boolean> {
  const set: Record<string, unknown> = {};
  if (change.metadata)
    set.metadata = sql`coalesce(${jobRuns.metadata}, '{}') || ${JSON.stringify(change.metadata)}::text::jsonb`;
  if (change.pinned !== undefined) set.pinned = change.pinned;
  if (Object.keys(set).length === 0) return (await readRun(orm, id)) !== undefined;
  const rows = await guard(() =>
    orm.update(jobRuns).set(set).where(eq(jobRuns.id, id)).returning({ key: jobRuns.key }),
  );
  return rows.length > 0;
}

function toRun(row: RunRow): Run {
  return {
    id: row.id,
    job_name: row.jobName,
    status: statusSchema.parse(row.status),
    ...(row.startedAt !== null && { started_at: formatTimestamp(row.startedAt) }),
    ...(row.finishedAt !== null && { finished_at: formatTimestamp(row.finishedAt) }),
    ...(row.exitCode !== null && { exit_code: row.exitCode }),
    ...(row.signal !== null && { signal: row.signal }),
    ...(row.triggeredBy !== null && { triggered_by: row.triggeredBy }),
    ...(row.metadata !== null && { metadata: storedMetadataSchema.parse(row.metadata) }),
    first_line: row.firstLine,
    line_count: row.lastLine - row.firstLine + 1,
    byte_count: row.byteCount,
    level_counts: { info: row.infoCount, error: row.errorCount, warn: row.warnCount, debug: row.debugCount },
    masked_count: row.maskedCount,
    replaced_count: row.replacedCount,
    pinned: row.pinned,
    ...(row.heartbeatSeconds !== null && { heartbeat_seconds: row.heartbeatSeconds }),
    ...(row.heartbeatSeconds !== null &&
      row.lastHeartbeatAt !== null && { last_heartbeat_at: formatTimestamp(row.lastHeartbeatAt) }),
  };
}

/** Runs a query, with its failure as the error that users see. */
export async function guard<T>(query: () => PromiseLike<T>): Promise<T> {
  try {
    return await query();
  } catch (error) {
    // Drizzle wraps the driver's error; its code is on the cause.
    throw toStoreError(error instanceof Error && error.cause instanceof Error ? error.cause : error);
  }
}
