import type { Facets, GroupsAtLine, Volume } from '@/lib/protocol/api';
import type { LineFilter } from '@/lib/protocol/filter';
import type { LinesAround } from '@/lib/protocol/lines-around';
import type { FinalStatus, Metadata, Run, Status, TaskRun } from '@/lib/protocol/run';
import type { LineBatch, LineInput, TaskRef } from './line-batch';
import type { RenderQuery, SearchPiece, SearchQuery, VolumeQuery } from './scan/scan-query';

/** A run as the append path and the readers know it. */
export interface RunRef {
  key: number;
  id: string;
}

/** What follows the last line of a run whose status ends streams. */
export interface RunEnd {
  /** 1 for a run's first end; late lines and revivals make further ones. */
  number: number;
  status: Status;
  exitCode?: number | undefined;
  signal?: string | undefined;
  finishedAtUs?: number | undefined;
}

/** Where a run stands now. `end` is present exactly where `status` ends streams. */
export interface RunHead extends RunRef {
  status: Status;
  /** The oldest line that retention left. */
  firstLine: number;
  /** 0 on a run without lines. */
  lastLine: number;
  end?: RunEnd | undefined;
}

/** One step of the global order: lines of one run, then its run-end if it has one. Positions rise, with gaps. */
export interface JournalEntry extends RunRef {
  position: number;
  /** The number of the first line; where `lineCount` is 0, the number the next line will have. */
  firstLine: number;
  lineCount: number;
  /** Microseconds since the epoch of the commit. */
  atUs: number;
  /** The run's status after this entry. */
  status: Status;
  end?: RunEnd | undefined;
}

/** Where the journal stands: cursors at or before `trimmedThrough` (0 where nothing was trimmed) are expired. */
export interface JournalHead {
  position: number;
  trimmedThrough: number;
}

/** A producer's claim: how many lines it sent before this group and after it (promise 5). */
export interface SourceAdvance {
  source: string;
  expected: number;
  next: number;
}

export interface FinishInput {
  status: FinalStatus;
  exitCode?: number | undefined;
  signal?: string | undefined;
  /** Absent: now. */
  finishedAtUs?: number | undefined;
}

export interface CreateRunOp {
  kind: 'create';
  id: string;
  jobName: string;
  status: 'pending' | 'running';
  startedAtUs?: number | undefined;
  triggeredBy?: string | undefined;
  metadata?: Metadata | undefined;
  heartbeatSeconds?: number | undefined;
}

/** One step of a group commit. Steps are applied in order; each gets an outcome of its own. */
export type AppendOp =
  | CreateRunOp
  | {
      kind: 'lines';
      run: RunRef;
      lines: readonly LineInput[];
      byteCount: number;
      maskedCount: number;
      replacedCount: number;
    }
  | { kind: 'start'; run: RunRef }
  | { kind: 'finish'; run: RunRef; finish: FinishInput }
  /** A heartbeat; makes a lost run running again. */
  | { kind: 'heartbeat'; run: RunRef }
  /** Makes a running run lost if it is still silent since `silentSinceUs`. */
  | { kind: 'lose'; run: RunRef; silentSinceUs: number };

/**
 * done: applied. unchanged: nothing to do (the same final status again, an existing run of the same name).
 * conflict: the run's status or name forbids it. gone: the run does not exist any more.
 */
export type AppendOutcome =
  | { kind: 'done'; entry: JournalEntry; batch: LineBatch | undefined; run: RunRef }
  | { kind: 'unchanged'; run: RunRef }
  | { kind: 'conflict'; run: RunRef; status: Status; jobName: string }
  | { kind: 'gone' };

/** What a commit added to the global order: an entry, and its lines where it has any. */
export interface Commit {
  entry: JournalEntry;
  batch: LineBatch | undefined;
}

/**
 * committed: `outcomes` has one per step; `commits` is all that the group added, in position order, and `previousPosition` the
 * position before it (other nodes' commits end there).
 * stale: a source was not where the group said, so nothing of the group was stored; `actual` has where each is.
 * gone: lines of the group are for runs that were deleted, so nothing of the group was stored.
 */
export type AppendResult =
  | { kind: 'committed'; outcomes: AppendOutcome[]; commits: Commit[]; previousPosition: number; position: number }
  | { kind: 'stale'; actual: Map<string, number> }
  | { kind: 'gone'; runKeys: number[] };

export interface RunListQuery {
  /** Which jobs the asker may see: all, or those whose name fits a pattern, in which * stands for any text. */
  jobs: 'all' | readonly string[];
  status?: readonly Status[] | undefined;
  /** A part of job_name or id, case ignored. */
  q?: string | undefined;
  fromUs?: number | undefined;
  toUs?: number | undefined;
  limit: number;
  after?: string | undefined;
}

/** What a link to another run of the same job says. */
export type NeighbourRun = Pick<Run, 'id' | 'status' | 'started_at'>;

/** In the order of the list of runs: by start, then by creation. */
export interface NeighbourRuns {
  previous?: NeighbourRun;
  next?: NeighbourRun;
}

/** Which lines a page begins with: one of the four, or `offset`. */
export type PageStart =
  | { kind: 'offset'; offset: number }
  | { kind: 'after'; line: number }
  | { kind: 'tail'; count: number }
  | { kind: 'at'; timeUs: number };

export interface PageQuery {
  run: RunRef;
  start: PageStart;
  limit: number;
  filter: LineFilter;
  /** What comes with the lines that pass the filter. */
  around?: LinesAround | undefined;
  /** Whoever waits for the page; once it aborts, reading rejects with its reason. */
  signal?: AbortSignal | undefined;
}

export interface LinePage {
  /**
   * Of the newest lines: those after this line were looked through, no others. Told under a text, and where lines that were asked for had no
   * room; absent, nothing was left out.
   */
  seenAfter?: number;
  /** Of the newest lines under a text: the number of the first one asked for, also where the page had no room for it. */
  newestFrom?: number | undefined;
  /** Matching lines, ascending; pieces of shared batches as (batch, index). */
  lines: Array<{ batch: LineBatch; index: number }>;
  /** Exact under sets and times, null with a text query. */
  total: number | null;
  offset: number | null;
  /** The last line looked at: the page's cursor. */
  lastSeen: number;
  head: RunHead;
}

/** The log store: every method is one short transaction or less, and throws StratalError alone. */
export interface LogStore {
  /** Names this store's line of history; part of every cursor. */
  readonly epoch: string;

  append(ops: readonly AppendOp[], sources: readonly SourceAdvance[]): Promise<AppendResult>;
  /** Next position per source; unknown sources are absent. */
  sourcePositions(sources: readonly string[]): Promise<Map<string, number>>;

  /** The run's key and id; undefined where there is none. */
  resolveRun(id: string): Promise<RunRef | undefined>;
  /** The runs of all these ids, made (running, job_name = id) where they are unknown. */
  makeRuns(ids: readonly string[]): Promise<Map<string, RunRef>>;
  /** A task of that run by id, made where unknown. A task of another run: STRATAL_BAD_PARAMETER. */
  resolveTask(run: RunRef, task: { id?: string | undefined; name?: string | undefined }): Promise<TaskRef>;

  runHead(id: string): Promise<RunHead | undefined>;
  runHeadByKey(key: number): Promise<RunHead | undefined>;
  readRun(id: string): Promise<Run | undefined>;
  listRuns(query: RunListQuery): Promise<{ runs: Run[]; next: string | null }>;
  /**
   * The runs of these keys, page by page, so that the metadata of a page keeps to a bound. Metadata of a run that is larger than
   * `metadataBytesMax`, as JSON, is left out.
   */
  readRunsByKey(keys: readonly number[], metadataBytesMax?: number): AsyncIterable<Run[]>;
  /** The runs of the same job before and after this one. */
  neighbourRuns(id: string): Promise<NeighbourRuns>;
  updateRun(id: string, change: { metadata?: Metadata | undefined; pinned?: boolean | undefined }): Promise<boolean>;
  deleteRun(id: string): Promise<boolean>;

  createTask(input: {
    id?: string | undefined;
    runId: string;
    name: string;
    attempt?: number | undefined;
    status: 'pending' | 'running';
    startedAtUs?: number | undefined;
  }): Promise<{ task: TaskRun; created: boolean }>;
  patchTask(id: string, change: Partial<FinishInput> & { toStatus?: Status | undefined }): Promise<TaskRun>;
  readTask(id: string): Promise<TaskRun | undefined>;
  listTasks(query: { runId?: string | undefined; limit: number; after?: string | undefined }): Promise<{
    tasks: TaskRun[];
    next: string | null;
  }>;
  /** All task runs of a run, by the order in which they were made; none where there is no such run. */
  readTasksOfRun(runId: string): Promise<TaskRun[]>;

  /** The stored lines from `line` on, at least one and at most those of one chunk; undefined where there are none. */
  readBatch(run: RunRef, line: number): Promise<LineBatch | undefined>;
  /** The same in the batch that all readers share, which may begin before `line`: what is encoded from it is encoded once. */
  sharedBatch(run: RunRef, line: number): Promise<LineBatch | undefined>;
  readPage(query: PageQuery): Promise<LinePage>;
  facets(run: RunRef): Promise<Facets>;
  /**
   * The groups that are open at a line (their marker above it, their end at it or below), counted over the whole run. Rejects with the
   * signal's reason once that aborts; what is asked for by several at once is read once.
   */
  groupsAt(run: RunRef, line: number, signal: AbortSignal): Promise<GroupsAtLine>;
  /** Searches in worker threads; what was begun ends as soon as the signal aborts. */
  searchLines(query: SearchQuery, signal: AbortSignal): AsyncGenerator<SearchPiece>;
  /** Makes a file in worker threads. Lines that are deleted meanwhile: STRATAL_NO_LINES. */
  renderLines(query: RenderQuery, signal: AbortSignal): AsyncGenerator<Uint8Array>;
  volume(query: VolumeQuery, signal: AbortSignal): Promise<Volume>;
  /** Entries after a position, ascending, at most `limit`. */
  readJournal(afterPosition: number, limit: number): Promise<JournalEntry[]>;
  journalHead(): Promise<JournalHead>;
}
