import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  index,
  integer,
  jsonb,
  pgSequence,
  pgTable,
  primaryKey,
  smallint,
  text,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';

/**
 * The tables behind DESIGN's chunks and journal. Times are whole microseconds since the epoch: exact where producers give
 * microseconds, and a plain number on both sides.
 */

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const int8 = (name: string) => bigint(name, { mode: 'number' });
const count = (name: string) => int8(name).notNull().default(0);

/** One row: what names this store's line of history. */
export const storeMeta = pgTable(
  'store_meta',
  {
    id: smallint('id').primaryKey().default(1),
    /** Random; replaced after a restore. */
    epoch: text('epoch').notNull(),
    /** Journal entries up to this position were trimmed. */
    trimmedThrough: int8('trimmed_through').notNull().default(0),
    /** The latest time of an entry that was trimmed: clocks are set back, so those that are left may be of earlier ones. */
    trimmedUntil: int8('trimmed_until').notNull().default(0),
    /** The newest run of which an entry was trimmed. */
    trimmedRun: int8('trimmed_run').notNull().default(0),
  },
  (table) => [check('store_meta_one_row', sql`${table.id} = 1`)],
);

export const jobRuns = pgTable(
  'job_runs',
  {
    key: int8('key').primaryKey().generatedAlwaysAsIdentity(),
    id: text('id').notNull().unique(),
    jobName: text('job_name').notNull(),
    status: text('status').notNull(),
    /** Made by POST /job-runs: its start and finish are `system` lines. */
    announced: boolean('announced').notNull().default(false),
    createdAt: int8('created_at').notNull(),
    startedAt: int8('started_at'),
    finishedAt: int8('finished_at'),
    exitCode: integer('exit_code'),
    signal: text('signal'),
    triggeredBy: text('triggered_by'),
    metadata: jsonb('metadata'),
    heartbeatSeconds: integer('heartbeat_seconds'),
    lastHeartbeatAt: int8('last_heartbeat_at'),
    firstLine: int8('first_line').notNull().default(1),
    lastLine: count('last_line'),
    /** Run-ends so far. */
    ends: integer('ends').notNull().default(0),
    byteCount: count('byte_count'),
    infoCount: count('info_count'),
    errorCount: count('error_count'),
    warnCount: count('warn_count'),
    debugCount: count('debug_count'),
    maskedCount: count('masked_count'),
    replacedCount: count('replaced_count'),
    pinned: boolean('pinned').notNull().default(false),
  },
  (table) => [
    index('job_runs_newest').on(sql`coalesce(${table.startedAt}, ${table.createdAt}) desc`, table.key.desc()),
    index('job_runs_of_job').on(
      table.jobName,
      sql`coalesce(${table.startedAt}, ${table.createdAt}) desc`,
      table.key.desc(),
    ),
    index('job_runs_heartbeat').on(table.key).where(sql`status = 'running' and heartbeat_seconds is not null`),
  ],
);

export const taskRuns = pgTable(
  'task_runs',
  {
    key: int8('key').primaryKey().generatedAlwaysAsIdentity(),
    id: text('id').notNull().unique(),
    runKey: int8('run_key').notNull(),
    taskName: text('task_name').notNull(),
    attempt: integer('attempt').notNull(),
    status: text('status').notNull(),
    createdAt: int8('created_at').notNull(),
    startedAt: int8('started_at'),
    finishedAt: int8('finished_at'),
    exitCode: integer('exit_code'),
    signal: text('signal'),
    infoCount: count('info_count'),
    errorCount: count('error_count'),
    warnCount: count('warn_count'),
    debugCount: count('debug_count'),
  },
  (table) => [uniqueIndex('task_runs_attempt').on(table.runKey, table.taskName, table.attempt)],
);

export const logChunks = pgTable(
  'log_chunks',
  {
    runKey: int8('run_key').notNull(),
    firstLine: int8('first_line').notNull(),
    lineCount: integer('line_count').notNull(),
    /** Earliest and latest time of a line. */
    minAt: int8('min_at').notNull(),
    maxAt: int8('max_at').notNull(),
    /** `[task key or 0, stream, level, lines]` each; lines refer to them by their index. */
    facets: jsonb('facets').notNull(),
    /** Bytes of text before compression. */
    textBytes: integer('text_bytes').notNull(),
    /** Layout and compression of attrs and body. */
    codec: smallint('codec').notNull(),
    attrs: bytea('attrs').notNull(),
    body: bytea('body').notNull(),
    /** Where lines open and end groups; null where none does. */
    marks: bytea('marks'),
  },
  (table) => [
    primaryKey({ columns: [table.runKey, table.firstLine] }),
    index('log_chunks_marked').on(table.runKey, table.firstLine).where(sql`marks is not null`),
  ],
);

/** Positions of the journal: commit order, because they are drawn under the append lock. */
export const logPosition = pgSequence('log_position');

/** The journal: the global order of lines and run-ends. */
export const logAppends = pgTable(
  'log_appends',
  {
    position: int8('position').primaryKey(),
    runKey: int8('run_key').notNull(),
    firstLine: int8('first_line').notNull(),
    lineCount: integer('line_count').notNull(),
    at: int8('at').notNull(),
    /** The run's status after this entry. */
    status: text('status').notNull(),
    /** The run-end that follows these lines. */
    runEnd: jsonb('run_end'),
  },
  (table) => [index('log_appends_at').using('brin', table.at)],
);

/** Where each producer is, so that a repeated batch adds nothing twice. */
export const producers = pgTable('producers', {
  source: uuid('source').primaryKey(),
  nextPosition: int8('next_position').notNull(),
  lastSeen: int8('last_seen').notNull(),
});

/** Who does a background task now: a row with an end, not a session lock, so that a dead holder frees it. */
export const leases = pgTable('leases', {
  name: text('name').primaryKey(),
  holder: uuid('holder').notNull(),
  expiresAt: int8('expires_at').notNull(),
});
