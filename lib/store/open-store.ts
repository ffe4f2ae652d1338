import { createHash } from 'node:crypto';
import { append } from './append';
import { readAround } from './around/read-around';
import { ChunkIndexReader } from './chunk-index';
import { ChunkReader } from './chunk-reader';
import { type ConnectOptions, type Database, openDatabase, type Sql } from './database';
import { deleteRun } from './delete-run';
import { readFacets } from './facets';
import { groupReader } from './groups/groups-at';
import { readJournal, readJournalHead } from './journal';
import { LiveTime } from './live-time';
import { makeRuns } from './make-runs';
import type { MergeResult } from './merge';
import { readNeighbourRuns } from './neighbour-runs';
import { readPage } from './page';
import { readRunHead } from './run-head';
import { listRuns, readRun, readRunsByKey, resolveRun, updateRun } from './runs';
import { readVolume } from './scan/read-volume';
import { renderLines } from './scan/render-lines';
import { ScanPool } from './scan/scan-pool';
import { searchLines } from './scan/search-lines';
import type { LogStore, RunHead } from './store';
import { toStoreError } from './store-error';
import { TaskDirectory } from './task-directory';
import { createTask, listTasks, patchTask, readTask, readTasksOfRun, resolveTask } from './tasks';
import { expireRun, type Truncation, truncateRun } from './truncate-run';

/** The store on an open, migrated database, with what its background tasks use. */
export interface OpenStore extends LogStore {
  readonly database: Database;
  readonly tasks: TaskDirectory;
  /** Removes at most `chunksMax` of a run's oldest chunks, of those that end below line `before`. */
  truncateRun(runKey: number, before: number, chunksMax: number): Promise<Truncation>;
  /** Merges a run's small chunks on a worker thread; see `mergeRun`. */
  mergeRun(runKey: number, options?: { isEnded?: boolean; fromLine?: number }): Promise<MergeResult>;
  /** Removes an ended run without lines; false where it has some, is pinned, runs again or is gone. */
  expireRun(runKey: number): Promise<boolean>;
  close(): Promise<void>;
}

/** Opens the store. The database has to be migrated. */
export async function openStore(options: ConnectOptions): Promise<OpenStore> {
  const database = openDatabase(options);
  const { appends, sql, orm } = database;
  const tasks = new TaskDirectory(sql);
  const chunks = new ChunkReader(sql, tasks);
  const live = new LiveTime();
  const pool = new ScanPool(options, { isLive: () => live.isNow });
  // Of its own: behind the tasks of many searches, or on a machine that is never idle, merges would fall behind without end.
  const merges = new ScanPool(options, { size: 1, isIdle: false });
  const index = new ChunkIndexReader(sql, tasks);
  const source = { sql, chunks, index, tasks, pool };
  let epoch: string;
  try {
    epoch = await readEpoch(sql);
  } catch (error) {
    await database.close();
    throw toStoreError(error);
  }
  return {
    database,
    tasks,
    epoch,
    append: (ops, sources) => {
      const hasLines = ops.some(({ kind }) => kind === 'lines');
      return hasLines ? live.during(() => append(appends, ops, sources)) : append(appends, ops, sources);
    },
    sourcePositions: (sources) => readSourcePositions(appends, sources),
    resolveRun: (id) => resolveRun(orm, id),
    makeRuns: (ids) => makeRuns(sql, ids),
    resolveTask: async (run, task) => {
      const ref = await resolveTask(orm, run, task);
      tasks.remember(ref);
      return ref;
    },
    runHead: async (id) => forgetRemoved(chunks, await readRunHead(sql, { id })),
    runHeadByKey: async (key) => forgetRemoved(chunks, await readRunHead(sql, { key })),
    readRun: (id) => readRun(orm, id),
    listRuns: (query) => listRuns(orm, query),
    readRunsByKey: (keys, metadataBytesMax) => readRunsByKey(orm, keys, metadataBytesMax),
    neighbourRuns: (id) => readNeighbourRuns(orm, id),
    updateRun: (id, change) => updateRun(orm, id, change),
    deleteRun: async (id) => {
      const key = await deleteRun(sql, id);
      if (key !== undefined) chunks.forget(key);
      return key !== undefined;
    },
    truncateRun: (key, before, chunksMax) => truncateRun(sql, key, before, chunksMax),
    mergeRun: (runKey, { isEnded = false, fromLine = 0 } = {}) =>
      merges.run({ kind: 'merge', runKey, isEnded, fromLine }),
    expireRun: async (key) => {
      const isGone = await expireRun(sql, key);
      if (isGone) chunks.forget(key);
      return isGone;
    },
    createTask: (input) => createTask(orm, input),
    patchTask: (id, change) => patchTask(orm, id, change),
    readTask: (id) => readTask(orm, id),
    listTasks: (query) => listTasks(orm, query),
    readTasksOfRun: (runId) => readTasksOfRun(orm, runId),
    readBatch: (run, line) => chunks.readBatch(run, line),
    sharedBatch: (run, line) => chunks.sharedBatch(run, line),
    readPage: (query) => readAround({ readPage: (plain) => readPage(source, plain) }, query),
    facets: (run) => readFacets(source, run.key),
    groupsAt: groupReader(source),
    searchLines: (query, signal) => searchLines(source, query, signal),
    renderLines: (query, signal) => renderLines(source, query, signal),
    volume: (query, signal) => readVolume(source, query, signal),
    readJournal: (after, limit) => live.during(() => readJournal(sql, after, limit)),
    journalHead: () => readJournalHead(sql),
    close: async () => {
      await Promise.all([pool.close(), merges.close()]);
      await database.close();
    },
  };
}

/** Retention may have been another node's: what it took is forgotten here when the run's head is read. */
function forgetRemoved(chunks: ChunkReader, head: RunHead | undefined): RunHead | undefined {
  if (head) chunks.forget(head.key, head.firstLine);
  return head;
}

async function readSourcePositions(sql: Sql, sources: readonly string[]): Promise<Map<string, number>> {
  try {
    const rows = await sql<Array<{ source: string; next_position: number }>>`
      select source, next_position from producers where source = any(${[...sources]}::uuid[])
    `;
    return new Map(rows.map((row) => [row.source, row.next_position]));
  } catch (error) {
    throw toStoreError(error);
  }
}

/**
 * Names this store's line of history: its random epoch, with Postgres' system identifier and timeline, which change where a copy of the
 * data folder was recovered to an earlier point.
 */
async function readEpoch(sql: Sql): Promise<string> {
  const [meta] = await sql<Array<{ epoch: string }>>`select epoch from store_meta`;
  const cluster = await sql<Array<{ id: string; timeline: number }>>`
    select system_identifier::text as id, timeline_id as timeline from pg_control_system(), pg_control_checkpoint()
  `.catch(() => []); // Some hosted databases hide these; then the random epoch stands alone.
  const [{ id = '', timeline = 0 } = {}] = cluster;
  const digest = createHash('sha256')
    .update(`${meta?.epoch ?? ''} ${id} ${timeline}`)
    .digest();
  return digest.readUIntBE(0, 6).toString(36).padStart(10, '0');
}
