import { and, eq, type SQL, sql } from 'drizzle-orm';
import { jobRuns } from '@/drizzle/schema';
import { statusSchema } from '@/lib/protocol/run';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import type { Database } from './database';
import { guard } from './runs';
import type { NeighbourRun, NeighbourRuns } from './store';

type Orm = Database['orm'];

const listedAt = sql<number>`coalesce(${jobRuns.startedAt}, ${jobRuns.createdAt})`;

/** The runs of the same job that started right before and after this one; both absent where there is no such run. */
export async function readNeighbourRuns(orm: Orm, id: string): Promise<NeighbourRuns> {
  const [own] = await guard(() =>
    orm.select({ key: jobRuns.key, name: jobRuns.jobName, at: listedAt }).from(jobRuns).where(eq(jobRuns.id, id)),
  );
  if (!own) return {};
  const place = sql`(${own.at}::bigint, ${own.key}::bigint)`;
  const [previous, next] = await Promise.all([
    nearest(orm, own.name, sql`< ${place}`, sql`${listedAt} desc, ${jobRuns.key} desc nulls last`),
    nearest(orm, own.name, sql`> ${place}`, sql`${listedAt} asc, ${jobRuns.key} asc nulls first`),
  ]);
  return { ...(previous && { previous }), ...(next && { next }) };
}

/** `order` is spelled as the index job_runs_of_job has it, so that the first entry read is the answer. */
async function nearest(orm: Orm, name: string, isBeyond: SQL, order: SQL): Promise<NeighbourRun | undefined> {
  const [row] = await guard(() =>
    orm
      .select({ id: jobRuns.id, status: jobRuns.status, startedAt: jobRuns.startedAt })
      .from(jobRuns)
      .where(and(eq(jobRuns.jobName, name), sql`(${listedAt}, ${jobRuns.key}) ${isBeyond}`))
      .orderBy(order)
      .limit(1),
  );
  if (!row) return undefined;
  return {
    id: row.id,
    status: statusSchema.parse(row.status),
    ...(row.startedAt !== null && { started_at: formatTimestamp(row.startedAt) }),
  };
}
