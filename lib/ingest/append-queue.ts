import { LRUCache } from 'lru-cache';
import { GROUP_BYTES_MAX, GROUP_LINES_MAX } from '@/lib/config/limits';
import { StratalError } from '@/lib/errors/stratal-error';
import type { LineInput } from '@/lib/store/line-batch';
import type { AppendOp, AppendOutcome, AppendResult, LogStore, RunRef, SourceAdvance } from '@/lib/store/store';

/** One line of a batch as sent: the parts it was split into, for one run. */
export interface BatchLine {
  run: RunRef;
  parts: readonly LineInput[];
  byteCount: number;
  replacedCount: number;
}

/** Lines of one producer. With a source, `position` is how many lines it sent before these. */
export interface LineBatchRequest {
  source?: string | undefined;
  position?: number | undefined;
  lines: readonly BatchLine[];
}

/** What became of a batch; counts are of lines as sent. `next` is the source's next position. */
export interface LineBatchAnswer {
  accepted: number;
  skipped: number;
  next: number | undefined;
}

/** The runs of a batch were deleted before it was stored: resolve them anew and send it again. */
export class RunGoneError extends Error {
  override readonly name = 'RunGoneError';
}

type Entry =
  | { kind: 'lines'; request: LineBatchRequest; bytes: number; settle: Settle<LineBatchAnswer> }
  | { kind: 'step'; op: AppendOp; bytes: number; settle: Settle<AppendOutcome> };

interface Settle<T> {
  resolve(value: T): void;
  reject(error: unknown): void;
}

type Committed = Extract<AppendResult, { kind: 'committed' }>;

const SOURCES_CACHED_MAX = 20_000;
/** A group of so much is encoded before readers hear of the commit before it; a larger one would keep them waiting. */
const SMALL_LINES_MAX = 200;
const SMALL_BYTES_MAX = 64 * 1024;

/**
 * Group commit without timers: while one append is in flight, what arrives gathers, and the next append takes it all. An idle system
 * commits a line at once, a busy one thousands together. Order is kept: entries are committed as they came.
 */
export class AppendQueue {
  readonly #store: Pick<LogStore, 'append' | 'sourcePositions'>;
  readonly #onCommit: (committed: Committed) => void;
  readonly #onError: (error: unknown) => void;
  readonly #positions = new LRUCache<string, number>({ max: SOURCES_CACHED_MAX });
  #waiting: Entry[] = [];
  #running: Promise<void> | undefined;
  /** Tells of the commit before the one in flight. */
  #owed: (() => void) | undefined;

  /** `onCommit` is called in commit order, before the producers get their answers; `onError` where that throws. */
  constructor(
    store: Pick<LogStore, 'append' | 'sourcePositions'>,
    onCommit: (committed: Committed) => void,
    onError: (error: unknown) => void = () => {},
  ) {
    this.#store = store;
    this.#onCommit = onCommit;
    this.#onError = onError;
  }

  /**
   * Stores a batch; lines that the source has sent before are skipped. A position above the source's next one:
   * STRATAL_INGEST_POSITION.
   */
  lines(request: LineBatchRequest): Promise<LineBatchAnswer> {
    const bytes = request.lines.reduce(
      (sum, line) => sum + line.byteCount + (line.parts[0]?.attributes?.length ?? 0),
      0,
    );
    return new Promise((resolve, reject) =>
      this.#enqueue({ kind: 'lines', request, bytes, settle: { resolve, reject } }),
    );
  }

  /** Applies one step of a run's life, after everything that came before it. */
  step(op: AppendOp): Promise<AppendOutcome> {
    const bytes = op.kind === 'create' && op.metadata ? JSON.stringify(op.metadata).length : 0;
    return new Promise((resolve, reject) => this.#enqueue({ kind: 'step', op, bytes, settle: { resolve, reject } }));
  }

  /** Resolves when nothing waits and nothing is in flight. */
  async drained(): Promise<void> {
    while (this.#running) await this.#running;
  }

  #enqueue(entry: Entry): void {
    this.#waiting.push(entry);
    this.#running ??= this.#run();
  }

  async #run(): Promise<void> {
    // One turn of the microtasks: requests that were read together are committed together.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        const tell = await this.#commit(group);
        this.#tellBefore();
        if (this.#isNextSmall()) this.#tellSoon(tell);
        else tell();
      } catch (error) {
        this.#tellBefore();
        for (const entry of group) entry.settle.reject(error);
      }
    }
    // In the same turn as the last look at what waits: an entry that comes later starts a new run.
    this.#running = undefined;
  }

  /** Something waits, and encoding it takes no time worth telling. */
  #isNextSmall(): boolean {
    let lines = 0;
    let bytes = 0;
    for (const entry of this.#waiting) {
      lines += entry.kind === 'lines' ? entry.request.lines.length : 1;
      bytes += entry.bytes;
      if (lines > SMALL_LINES_MAX || bytes > SMALL_BYTES_MAX) return false;
    }
    return lines > 0;
  }

  /**
   * Tells readers and producers of a commit when the next one is on its way: writing to a hundred readers takes longer than a commit, and
   * the database would wait for it. A statement is written in the turn after the one that makes it.
   */
  #tellSoon(tell: () => void): void {
    this.#owed = tell;
    setImmediate(() => setImmediate(() => this.#owed === tell && this.#tellBefore()));
  }

  /** Tells what is owed of the commit before, so that all is told in commit order. */
  #tellBefore(): void {
    const tell = this.#owed;
    this.#owed = undefined;
    tell?.();
  }

  #takeGroup(): Entry[] {
    let lines = 0;
    let bytes = 0;
    let taken = 0;
    for (const entry of this.#waiting) {
      if (entry.kind === 'lines') lines += entry.request.lines.length;
      bytes += entry.bytes;
      if (taken > 0 && (lines > GROUP_LINES_MAX || bytes > GROUP_BYTES_MAX)) break;
      taken++;
    }
    return this.#waiting.splice(0, taken);
  }

  /** Commits a group; what it returns tells readers and producers, and is called once, in commit order. */
  async #commit(group: Entry[]): Promise<() => void> {
    for (;;) {
      await this.#learnPositions(group);
      const plan = this.#plan(group);
      let result: AppendResult;
      try {
        if (plan.ops.length === 0) return () => plan.settle([]);
        result = await this.#store.append(plan.ops, plan.sources);
      } catch (error) {
        // Whether the sources advanced is not known: ask the store next time.
        for (const { source } of plan.sources) this.#positions.delete(source);
        throw error;
      }
      if (result.kind === 'stale') {
        for (const [source, next] of result.actual) this.#positions.set(source, next);
        continue;
      }
      if (result.kind === 'gone') {
        const gone = new Set(result.runKeys);
        group = group.filter((entry) => {
          const isGone = entry.kind === 'lines' && entry.request.lines.some((line) => gone.has(line.run.key));
          if (isGone) entry.settle.reject(new RunGoneError('the job run was deleted meanwhile'));
          return !isGone;
        });
        if (group.length === 0) return () => {};
        continue;
      }
      for (const { source, next } of plan.sources) this.#positions.set(source, next);
      const committed = result;
      return () => {
        try {
          this.#onCommit(committed);
        } catch (error) {
          // What is committed is answered for, whoever cannot hear of it.
          this.#onError(error);
        }
        plan.settle(committed.outcomes);
      };
    }
  }

  /**
   * Asks the store where sources are that are not known here, or may have gone on by another node: a position above the known one, or no
   * line that would be checked as it is stored.
   */
  async #learnPositions(group: readonly Entry[]): Promise<void> {
    const unsure = new Set<string>();
    const expected = new Map<string, number>();
    for (const entry of group) {
      if (entry.kind !== 'lines' || entry.request.source === undefined) continue;
      const { source, position = 0, lines } = entry.request;
      const next = expected.get(source) ?? this.#positions.get(source);
      if (next === undefined || position > next || lines.length === 0) unsure.add(source);
      expected.set(source, Math.max(next ?? 0, position + lines.length));
    }
    if (unsure.size === 0) return;
    const known = await this.#store.sourcePositions([...unsure]);
    for (const source of unsure) this.#positions.set(source, known.get(source) ?? 0);
  }

  /** The steps of a group, with the lines of one run joined, and what to answer each entry once they are committed. */
  #plan(group: readonly Entry[]): GroupPlan {
    const plan = new GroupPlan();
    for (const entry of group) {
      if (entry.kind === 'step') plan.addStep(entry.op, entry.settle);
      else plan.addLines(entry.request, entry.settle, (source) => this.#positions.get(source) ?? 0);
    }
    return plan;
  }
}

type LinesOp = Extract<AppendOp, { kind: 'lines' }> & { lines: LineInput[] };

class GroupPlan {
  readonly ops: AppendOp[] = [];
  readonly #settlers: Array<(outcomes: readonly AppendOutcome[]) => void> = [];
  readonly #expected = new Map<string, number>();
  readonly #next = new Map<string, number>();
  /** The step that takes further lines of a run; none where another step of that run came after it. */
  readonly #open = new Map<number, LinesOp>();

  get sources(): SourceAdvance[] {
    return [...this.#next].map(([source, next]) => ({ source, expected: this.#expected.get(source) ?? 0, next }));
  }

  addStep(op: AppendOp, settle: Settle<AppendOutcome>): void {
    const index = this.ops.push(op) - 1;
    if (op.kind !== 'create') this.#open.delete(op.run.key);
    this.#settlers.push((outcomes) => {
      const outcome = outcomes[index];
      if (outcome) settle.resolve(outcome);
      else settle.reject(new Error('a step got no outcome'));
    });
  }

  addLines(request: LineBatchRequest, settle: Settle<LineBatchAnswer>, positionOf: (source: string) => number): void {
    const { source, position = 0, lines } = request;
    if (source === undefined) {
      this.#addAll(lines);
      this.#settlers.push(() => settle.resolve({ accepted: lines.length, skipped: 0, next: undefined }));
      return;
    }
    const current = this.#next.get(source) ?? positionOf(source);
    if (position > current) {
      this.#settlers.push(() => settle.reject(positionError(position, current)));
      return;
    }
    const skipped = Math.min(lines.length, current - position);
    const next = Math.max(current, position + lines.length);
    if (next > current) {
      if (!this.#expected.has(source)) this.#expected.set(source, current);
      this.#next.set(source, next);
      this.#addAll(lines.slice(skipped));
    }
    this.#settlers.push(() => settle.resolve({ accepted: lines.length - skipped, skipped, next }));
  }

  settle(outcomes: readonly AppendOutcome[]): void {
    for (const settler of this.#settlers) settler(outcomes);
  }

  #addAll(lines: readonly BatchLine[]): void {
    let op: LinesOp | undefined;
    for (const line of lines) {
      if (op?.run.key !== line.run.key) op = this.#open.get(line.run.key);
      if (!op) {
        op = { kind: 'lines', run: line.run, lines: [], byteCount: 0, maskedCount: 0, replacedCount: 0 };
        this.#open.set(line.run.key, op);
        this.ops.push(op);
      }
      for (const part of line.parts) op.lines.push(part);
      op.byteCount += line.byteCount;
      op.replacedCount += line.replacedCount;
    }
  }
}

function positionError(position: number, next: number): StratalError {
  return new StratalError(
    'STRATAL_INGEST_POSITION',
    `The source’s next position is ${next}, not ${position}; send the lines from ${next} on.`,
    { members: { next } },
  );
}
