import { INGEST_PIPELINE_BYTES, INGEST_PIPELINE_LINES } from '@/lib/config/limits';
import { isStratalError, StratalError } from '@/lib/errors/stratal-error';
import type { Clock } from '@/lib/feed/clock';
import type { IngestResult } from '@/lib/protocol/api';
import type { Stream } from '@/lib/protocol/log-message';
import type { TaskRef } from '@/lib/store/line-batch';
import type { RunRef } from '@/lib/store/store';
import { type AppendQueue, type BatchLine, type LineBatchAnswer, RunGoneError } from './append-queue';
import { type DecodedLine, decodeBody } from './body-decode';
import { BodyHold } from './body-hold';
import type { IngestLoad } from './ingest-load';
import type { IngestRequest } from './ingest-request';
import type { LineTargets } from './line-targets';

/** A line that its program has not ended yet. */
export interface RelayedPartial {
  run: RunRef;
  task: TaskRef | undefined;
  stream: Stream;
  message: string;
  /** Microseconds since the epoch. */
  atUs: number;
}

export interface IngestContext {
  queue: AppendQueue;
  targets: LineTargets;
  load: IngestLoad;
  clock: Clock;
  /** Asked before bytes are stored, told by its result when they are or will not be; throws where there is no space for them. */
  admit: (bytes: number) => Promise<() => void>;
  /** Hands an unfinished line to the readers of its run. */
  relayPartial: (partial: RelayedPartial) => void;
}

export interface IngestBody {
  /** A buffer is a small body that is there as a whole. */
  body: AsyncIterable<Uint8Array> | Buffer;
  contentType: string | undefined;
  contentEncoding: string | undefined;
}

/**
 * Stores a body in order up to its first bad line. While one piece is being committed, the next is decoded; memory holds two pieces,
 * whatever the body's size. An error carries what was stored: `accepted`, `next`, and `line` where a line is at fault.
 */
export async function ingestLogs(
  context: IngestContext,
  request: IngestRequest,
  input: IngestBody,
): Promise<IngestResult> {
  const body = new BodyIngest(context, request);
  const hold = new BodyHold(context.load, context.clock);
  const { jobRunId, taskRunId, taskName } = request;
  try {
    for await (const batch of decodeBody({ ...input, defaults: { jobRunId, taskRunId, taskName }, hold })) {
      await body.add(batch.lines);
      if (batch.error) {
        await body.finish();
        throw batch.error;
      }
    }
    await body.finish();
  } catch (error) {
    await body.abandon();
    throw body.withProgress(error);
  }
  return body.result();
}

/** What a decoded line takes beside its text, about. */
const LINE_OVERHEAD_BYTES = 256;

class BodyIngest {
  readonly #context: IngestContext;
  readonly #request: IngestRequest;
  readonly #runIds = new Set<string>();
  #gathered: DecodedLine[] = [];
  #gatheredBytes = 0;
  #inFlight: Promise<void> | undefined;
  #isCommitting = false;
  #submitted = 0;
  #accepted = 0;
  #skipped = 0;
  #next: number | undefined;

  constructor(context: IngestContext, request: IngestRequest) {
    this.#context = context;
    this.#request = request;
    this.#next = request.position;
  }

  async add(lines: readonly DecodedLine[]): Promise<void> {
    const { load } = this.#context;
    let bytes = 0;
    for (const line of lines) {
      this.#gathered.push(line);
      bytes += line.byteCount + (line.attributes?.length ?? 0) + LINE_OVERHEAD_BYTES;
    }
    this.#gatheredBytes += bytes;
    load.take(bytes);
    const isFull = this.#gathered.length >= INGEST_PIPELINE_LINES || this.#gatheredBytes >= INGEST_PIPELINE_BYTES;
    if (!this.#isCommitting || isFull || load.isHigh) await this.#submit();
    // With many bodies at once none reads ahead.
    if (load.isHigh) await this.#inFlight;
  }

  async finish(): Promise<void> {
    await this.#submit();
    await this.#inFlight;
    // A body without lines still asks where its source is.
    if (this.#submitted === 0 && this.#request.source !== undefined) this.#note(await this.#commit([]));
  }

  /** Waits for what is in flight, whatever becomes of it; what is gathered after it is not stored. */
  async abandon(): Promise<void> {
    this.#context.load.give(this.#gatheredBytes);
    this.#gathered = [];
    this.#gatheredBytes = 0;
    await this.#inFlight?.catch(() => {});
  }

  result(): IngestResult {
    return {
      accepted: this.#accepted,
      skipped: this.#skipped,
      next: this.#request.source === undefined ? null : (this.#next ?? 0),
      job_run_ids: [...this.#runIds],
    };
  }

  /** The error with what was stored before it; `next` of a position error is the store's own. */
  withProgress(error: unknown): unknown {
    if (!isStratalError(error)) return error;
    const { accepted, next } = this.result();
    return new StratalError(error.code, error.message, {
      members: { accepted, next, ...error.members },
      cause: error.cause,
    });
  }

  async #submit(): Promise<void> {
    await this.#inFlight;
    this.#commitGathered();
  }

  /** Commits what is gathered. What gathers meanwhile follows by itself: the next piece of the body may be long in coming. */
  #commitGathered(): void {
    if (this.#gathered.length === 0) return;
    const lines = this.#gathered;
    const bytes = this.#gatheredBytes;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    this.#isCommitting = true;
    this.#inFlight = this.#admitAndStore(lines, bytes)
      .finally(() => {
        this.#isCommitting = false;
        this.#context.load.give(bytes);
      })
      .then(() => this.#commitGathered());
    // The failure is thrown by the next await of it; it must not count as unhandled until then.
    this.#inFlight.catch(() => {});
  }

  async #admitAndStore(lines: DecodedLine[], bytes: number): Promise<void> {
    const release = await this.#context.admit(bytes);
    await this.#store(lines).finally(release);
  }

  async #store(lines: DecodedLine[]): Promise<void> {
    const whole = lines.filter((line) => !line.partial);
    const partial = lines.find((line) => line.partial);
    if (whole.length > 0) {
      const { resolved, error } = await this.#resolve(whole);
      if (resolved.length > 0) this.#note(await this.#commitAgainIfGone(whole, resolved));
      if (error !== undefined) throw error;
    }
    if (partial) await this.#relay(partial);
  }

  /** A run that was deleted since its key was learned is made anew, as often as that happens. */
  async #commitAgainIfGone(lines: readonly DecodedLine[], resolved: readonly BatchLine[]): Promise<LineBatchAnswer> {
    for (;;) {
      try {
        return await this.#commit(resolved);
      } catch (error) {
        if (!(error instanceof RunGoneError)) throw error;
        for (const run of new Set(resolved.map((line) => line.run.id))) this.#context.targets.forget(run);
        const again = await this.#resolve(lines.slice(0, resolved.length));
        if (again.error !== undefined) throw again.error;
        resolved = again.resolved;
      }
    }
  }

  #commit(lines: readonly BatchLine[]): Promise<LineBatchAnswer> {
    const { source, position } = this.#request;
    return this.#context.queue.lines({
      source,
      position: position === undefined ? undefined : position + this.#submitted,
      lines,
    });
  }

  #note(answer: LineBatchAnswer): void {
    this.#submitted += answer.accepted + answer.skipped;
    this.#accepted += answer.accepted;
    this.#skipped += answer.skipped;
    this.#next = answer.next;
  }

  /** The lines with their runs and tasks, up to the first whose run or task is refused. */
  async #resolve(lines: readonly DecodedLine[]): Promise<{ resolved: BatchLine[]; error?: unknown }> {
    const { targets } = this.#context;
    const resolved: BatchLine[] = [];
    const tasks = new Map<string, TaskRef>();
    let last: RunRef | undefined;
    await targets.makeRuns(runsBeforeTasks(lines));
    for (const line of lines) {
      try {
        let run: RunRef | undefined = last;
        if (run?.id !== line.jobRunId) {
          run = await targets.run(line.jobRunId);
          last = run;
          this.#runIds.add(run.id);
        }
        let task: TaskRef | undefined;
        if (line.taskRunId !== undefined || line.taskName !== undefined) {
          const key = `${run.key} ${line.taskRunId ?? ''} ${line.taskName ?? ''}`;
          task = tasks.get(key) ?? (await this.#resolveTask(run, line));
          tasks.set(key, task);
        }
        resolved.push(toBatchLine(line, run, task));
      } catch (error) {
        return { resolved, error };
      }
    }
    return { resolved };
  }

  async #resolveTask(run: RunRef, line: DecodedLine): Promise<TaskRef> {
    try {
      return await this.#context.targets.task(run, line.taskRunId, line.taskName);
    } catch (error) {
      if (!isStratalError(error) || error.status !== 400) throw error;
      throw new StratalError(error.code, error.message, { members: { ...error.members, line: line.number } });
    }
  }

  async #relay(line: DecodedLine): Promise<void> {
    const { targets, relayPartial } = this.#context;
    const run = await targets.run(line.jobRunId);
    this.#runIds.add(run.id);
    const named = line.taskRunId !== undefined || line.taskName !== undefined;
    const task = named ? await this.#resolveTask(run, line) : undefined;
    relayPartial({ run, task, stream: line.stream, message: line.parts.join(''), atUs: line.timeUs });
  }
}

/** The runs of the lines before the first that names a task: what follows it may not be stored, and its runs must not be made then. */
function runsBeforeTasks(lines: readonly DecodedLine[]): Set<string> {
  const ids = new Set<string>();
  let last: string | undefined;
  for (const { jobRunId, taskRunId, taskName } of lines) {
    if (jobRunId !== last) ids.add(jobRunId);
    last = jobRunId;
    if (taskRunId !== undefined || taskName !== undefined) break;
  }
  return ids;
}

function toBatchLine(line: DecodedLine, run: RunRef, task: TaskRef | undefined): BatchLine {
  const { timeUs, level, stream, parts, attributes, continues, byteCount, replaced } = line;
  const [whole] = parts;
  if (parts.length === 1 && whole !== undefined) {
    const stored = { timeUs, level, stream, message: whole, task, continues, attributes };
    return { run, byteCount, replacedCount: replaced, parts: [stored] };
  }
  const last = parts.length - 1;
  const stored = parts.map((message, index) => ({
    timeUs,
    level,
    stream,
    message,
    task,
    continues: index < last || continues,
    attributes: index === 0 ? attributes : undefined,
  }));
  return { run, byteCount, replacedCount: replaced, parts: stored };
}
