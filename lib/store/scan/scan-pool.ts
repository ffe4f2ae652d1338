import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { StratalError } from '@/lib/errors/stratal-error';
import type { ConnectOptions } from '@/lib/store/database';
import type { ScanAnswer, ScanRequest, ScanResult, ScanResults, ScanTask, ScanWorkerData } from './scan-task';
import { startScanWorker } from './start-worker';

/** More threads would only wait for Postgres. */
const WORKERS_MAX = 3;
/** Tasks that a worker has at once: one to work on, one whose chunks are on their way. */
const TASKS_PER_WORKER = 2;

interface Job {
  request: ScanRequest;
  settle(answer: { result: ScanResult } | { error: Error }): void;
}

export interface ScanPoolOptions {
  /** Workers at most. */
  size?: number;
  /** That the machine lets this process use. */
  processors?: number;
  /** Its threads run where a processor has nothing else to do; otherwise they have a low priority. @defaultValue true */
  isIdle?: boolean;
  /** Whether lines are being stored: then one processor is left to them. */
  isLive?: () => boolean;
  startWorker?: typeof startScanWorker;
}

/**
 * A few worker threads that read, scan and merge chunks, so that live readers never wait for a search, a download or a merge. They start when first needed. Tasks
 * are taken in the order in which they come: whoever has only a few of them waiting shares the workers evenly with others.
 */
export class ScanPool {
  readonly #workerData: ScanWorkerData;
  readonly #startWorker: typeof startScanWorker;
  readonly #isLive: () => boolean;
  readonly #processors: number;
  readonly #workers = new Map<Worker, Map<number, Job>>();
  readonly #waiting: Job[] = [];
  #nextId = 1;
  #isClosed = false;
  /** How many workers there are at most. */
  readonly size: number;

  constructor(connection: ConnectOptions, options: ScanPoolOptions = {}) {
    const { processors = availableParallelism(), startWorker = startScanWorker } = options;
    const { size = Math.min(WORKERS_MAX, processors) } = options;
    this.#workerData = { connection, isIdle: options.isIdle ?? true };
    this.#startWorker = startWorker;
    this.#isLive = options.isLive ?? (() => false);
    this.#processors = processors;
    this.size = size;
  }

  /** So many tasks of one reader keep all workers busy. */
  get tasksAhead(): number {
    return this.size + 1;
  }

  /** Runs a task. Rejects with the signal's reason as soon as that aborts; the worker gives up soon after. */
  run<Kind extends ScanTask['kind']>(
    task: ScanTask & { kind: Kind },
    signal?: AbortSignal,
  ): Promise<ScanResults[Kind]> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#isClosed) return reject(ended());
      const cancelled = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
      const onAbort = () => {
        Atomics.store(cancelled, 0, 1);
        const at = this.#waiting.indexOf(job);
        if (at >= 0) this.#waiting.splice(at, 1);
        reject(signal?.reason);
      };
      const job: Job = {
        request: { id: this.#nextId++, task, cancelled },
        settle: (answer) => {
          signal?.removeEventListener('abort', onAbort);
          if ('error' in answer) reject(answer.error);
          else resolve(resultOf<Kind>(answer.result));
        },
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.push(job);
      this.#dispatch();
    });
  }

  /** Ends the workers; what they were doing fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const job of this.#waiting.splice(0)) job.settle({ error: ended() });
    await Promise.all([...this.#workers.keys()].map((worker) => worker.terminate()));
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const [worker, jobs] = this.#freeWorker() ?? [];
      if (!worker || !jobs) return;
      const job = this.#waiting.shift();
      if (!job) return;
      jobs.set(job.request.id, job);
      worker.ref();
      worker.postMessage(job.request);
    }
  }

  /** An idle worker, a new one, or of those that have something to do the one with the least. */
  #freeWorker(): [Worker, Map<number, Job>] | undefined {
    const workers = [...this.#workers];
    const busy = workers.filter(([, jobs]) => jobs.size > 0);
    const busyMax = this.#busyMax();
    if (busy.length < busyMax) return workers.find(([, jobs]) => jobs.size === 0) ?? this.#start();
    // Where too many are busy it is always the same ones that go on, so that the others come to rest.
    const [least] = busy.slice(0, busyMax).sort(([, a], [, b]) => a.size - b.size);
    return least && least[1].size < TASKS_PER_WORKER ? least : undefined;
  }

  #busyMax(): number {
    return this.#isLive() ? Math.max(1, Math.min(this.size, this.#processors - 1)) : this.size;
  }

  #start(): [Worker, Map<number, Job>] {
    const worker = this.#startWorker(this.#workerData);
    const jobs = new Map<number, Job>();
    this.#workers.set(worker, jobs);
    worker.on('message', (answer: ScanAnswer) => {
      const job = jobs.get(answer.id);
      jobs.delete(answer.id);
      if (jobs.size === 0) worker.unref();
      job?.settle('error' in answer ? { error: toError(answer.error) } : answer);
      this.#dispatch();
    });
    let cause: unknown;
    worker.on('error', (error) => {
      cause = error;
    });
    // Comes after `error` too. What waits goes to another worker, or to a new one.
    worker.on('exit', () => {
      this.#workers.delete(worker);
      for (const job of jobs.values()) job.settle({ error: ended(cause) });
      jobs.clear();
      if (!this.#isClosed) this.#dispatch();
    });
    return [worker, jobs];
  }
}

/** A worker answers a task with the result of its kind. */
function resultOf<Kind extends keyof ScanResults>(result: ScanResult): ScanResults[Kind] {
  return result as ScanResults[Kind];
}

function toError({ code, message, cause }: Extract<ScanAnswer, { error: unknown }>['error']): StratalError {
  return new StratalError(code, message, { cause });
}

function ended(cause?: unknown): StratalError {
  return new StratalError('STRATAL_INTERNAL', 'The thread that read the lines has ended; ask again.', { cause });
}
