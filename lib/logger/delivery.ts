import { v7 as uuidv7 } from 'uuid';
import { type Answer, type ApiConnection, type ApiRequest, UnreachableError } from './api-connection';
import { Backoff } from './backoff';
import type { PartialRelay } from './partial-relay';
import type { Operation, Records } from './record';
import type { Spool } from './spool';
import { UnstorableLines } from './unstorable-lines';
import { judge, judgeIngest, problemCode, type Verdict } from './verdict';
import { WakeUp } from './wake-up';

const BATCH_BYTES_MAX = 1024 * 1024;
const BATCH_BYTES_MIN = 1024;
const BACKOFF_MS_MAX = 5000;

/** delivered: all of it, and nothing more comes. stopped: the signal aborted, or patience ended. refused: it never will be. */
export type DeliveryEnd = { kind: 'delivered' } | { kind: 'stopped' } | { kind: 'refused' };

export interface DeliveryOptions {
  api: ApiConnection;
  spool: Spool;
  partials?: PartialRelay | undefined;
  /** Sends a heartbeat for the run when nothing was sent for so long; absent: never. */
  heartbeatMs?: number | undefined;
  /** End at the first failure instead of trying again. @defaultValue false */
  givesUpEarly?: boolean | undefined;
  /** Awaited before an operation is sent. */
  beforeOperation?: ((operation: Operation) => Promise<void>) | undefined;
  /** Called when the server has answered well for the first time. */
  onReached?: (() => void) | undefined;
  random?: (() => number) | undefined;
}

type Step = Verdict | { kind: 'idle' } | { kind: 'end' };

/**
 * Brings one spool to its server: setup, then lines and operations in their order, one request at a time. What is appended
 * while a request is under way goes into the next one, so an idle producer's line leaves at once and a busy one's go
 * together, without a timer. Every request may be repeated, so whatever failed is sent again until it is known to have
 * happened. A line that the server can never take is replaced, at its place, by one that says so.
 */
export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #appended = new WakeUp();
  readonly #hurry = new WakeUp();
  readonly #settled = new WakeUp();
  readonly #backoff: Backoff;
  readonly #unstorable = new UnstorableLines();
  #setupDone = 0;
  #isFinished = false;
  #batchBytesMax = BATCH_BYTES_MAX;
  #hasReached = false;
  #hasHeartbeat: boolean;
  #lastSignMs = performance.now();

  /** Why the newest attempt failed, as an end of "the server cannot be reached: …"; undefined after one that went well. */
  trouble: string | undefined;
  /** Accepted lines that the server no longer knew, and that are not kept here. */
  forgottenLines = 0;
  /** What the server said about operations that it will never do. */
  readonly notices: string[] = [];

  constructor(options: DeliveryOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ maxMs: BACKOFF_MS_MAX, ...(options.random && { random: options.random }) });
    this.#hasHeartbeat = options.heartbeatMs !== undefined;
  }

  /** Nothing waits, and no request is under way. */
  isSettled = false;

  /** Lines, an operation or an unfinished line were added. */
  notify(): void {
    this.isSettled = false;
    this.#appended.notify();
  }

  /** Resolves when `isSettled` may have become true, or after `ms`. One waiter at a time. */
  settled(ms: number, signal: AbortSignal): Promise<void> {
    return this.#settled.wait(signal, ms);
  }

  /** Nothing more will be added; a pause between attempts ends now. */
  finish(): void {
    this.#isFinished = true;
    this.#appended.notify();
    this.#hurry.notify();
  }

  /** Delivers until all is done or the signal aborts. Never throws for what a server or network does. */
  async run(signal: AbortSignal): Promise<DeliveryEnd> {
    while (!signal.aborted) {
      const wasFinished = this.#isFinished;
      const step = await this.#attempt(signal);
      if (signal.aborted) break;
      switch (step.kind) {
        case 'end':
          return { kind: 'delivered' };
        case 'idle':
          await this.#appended.wait(signal, this.#idleMs());
          break;
        case 'again':
        case 'refused':
          this.trouble = step.reason;
          if (step.kind === 'refused' && wasFinished) return { kind: 'refused' };
          if (this.#options.givesUpEarly) return { kind: 'stopped' };
          await this.#hurry.wait(signal, this.#backoff.next(step.kind === 'again' ? step.waitMs : 0));
          break;
        default:
          this.#noteSuccess();
      }
    }
    return { kind: 'stopped' };
  }

  async #attempt(signal: AbortSignal): Promise<Step> {
    try {
      return await this.#step(signal);
    } catch (error) {
      if (error instanceof UnreachableError) return { kind: 'again', reason: error.message, waitMs: 0 };
      throw error;
    }
  }

  async #step(signal: AbortSignal): Promise<Step> {
    const { spool, partials } = this.#options;
    const setup = spool.head.setup[this.#setupDone];
    if (setup) return this.#setUp(setup, signal);
    const records = spool.log.read(this.#batchBytesMax);
    if (records?.kind === 'operation') return this.#operate(records.operation, signal);
    if (records?.kind === 'damaged') {
      this.notices.push('a damaged record of the spool was left out');
      spool.log.accept();
      return { kind: 'done', next: undefined };
    }
    const reachesEnd = (records?.count ?? 0) === spool.log.waiting;
    const partial = reachesEnd ? partials?.take() : undefined;
    if (records || partial) return this.#sendLines(records, partial, signal);
    if (this.#isFinished) return { kind: 'end' };
    if (this.#isHeartbeatDue()) return this.#sendHeartbeat(signal);
    this.isSettled = true;
    this.#settled.notify();
    return { kind: 'idle' };
  }

  async #setUp(operation: Operation, signal: AbortSignal): Promise<Verdict> {
    const answer = await this.#send(toRequest(operation), signal);
    const verdict = judge(answer);
    if (verdict.kind === 'done') this.#setupDone += 1;
    // The run may come yet: its own producer can be waiting for this server too.
    const mayComeYet = verdict.kind === 'refused' && problemCode(answer) === 'STRATAL_NO_RUN';
    return mayComeYet ? { kind: 'again', reason: verdict.reason, waitMs: 0 } : verdict;
  }

  async #operate(operation: Operation, signal: AbortSignal): Promise<Verdict> {
    await this.#options.beforeOperation?.(operation);
    const answer = await this.#send(toRequest(operation), signal);
    const verdict = judge(answer);
    const isHopeless = verdict.kind === 'refused' && [400, 404, 409].includes(verdict.status);
    if (isHopeless && problemCode(answer) !== undefined) this.notices.push(verdict.reason);
    else if (verdict.kind !== 'done') return verdict;
    this.#options.spool.log.accept();
    return { kind: 'done', next: undefined };
  }

  async #sendLines(
    records: Extract<Records, { kind: 'lines' }> | undefined,
    partial: Buffer | undefined,
    signal: AbortSignal,
  ): Promise<Verdict> {
    const { head, log } = this.#options.spool;
    const position = log.position;
    const count = records?.count ?? 0;
    const lines = records ? [this.#unstorable.replaceIn(records.bytes, position, count)] : [];
    const headers: Record<string, string> = {
      'content-type': 'application/x-ndjson',
      'stratal-source': head.source,
      'stratal-position': String(position - head.base),
    };
    if (head.task_run_id !== undefined) headers['stratal-task-run'] = head.task_run_id;
    const body = Buffer.concat(partial ? [...lines, partial] : lines);
    const answer = await this.#send(
      { method: 'POST', path: `/job-runs/${head.job_run_id}/logs`, headers, body },
      signal,
    );
    const verdict = judgeIngest(answer);
    switch (verdict.kind) {
      case 'done':
        return this.#accept(position, count, verdict.next ?? position - head.base + count);
      case 'seek':
        return this.#seek(position, verdict.next);
      case 'line':
        return this.#replace(position, count, verdict.line - 1, verdict.reason);
      case 'smaller':
        if (count <= 1 || this.#batchBytesMax <= BATCH_BYTES_MIN)
          return this.#replace(position, count, 0, verdict.reason);
        this.#batchBytesMax = Math.floor(Math.min(this.#batchBytesMax, body.length) / 2);
        return { kind: 'done', next: undefined };
      default:
        return verdict;
    }
  }

  #accept(position: number, count: number, next: number): Verdict {
    const { head, log } = this.#options.spool;
    const accepted = Math.min(count, next + head.base - position);
    if (accepted < count && accepted <= 0) return { kind: 'again', reason: 'it took none of the lines', waitMs: 0 };
    log.accept(accepted);
    this.#unstorable.forgetBefore(log.position);
    return { kind: 'done', next };
  }

  /** The server expects an earlier line: it lost what it had, or has forgotten this source (after a week, or a restore). */
  #seek(position: number, next: number): Verdict {
    const { spool } = this.#options;
    const wanted = next + spool.head.base;
    if (wanted >= position) return { kind: 'again', reason: 'it contradicts itself about the position', waitMs: 0 };
    const found = spool.log.seekBack(wanted);
    if (found !== wanted) {
      this.forgottenLines += found - wanted;
      spool.head = { ...spool.head, source: uuidv7(), base: found };
      spool.saveHead();
    }
    this.#setupDone = 0;
    return { kind: 'done', next };
  }

  /** The line at `index` of a batch cannot be stored; at its end it was a partial, which is not sent again. */
  #replace(position: number, count: number, index: number, reason: string): Verdict {
    const isNew = index >= count || this.#unstorable.add(position + index, reason);
    return isNew ? { kind: 'done', next: undefined } : { kind: 'refused', status: 400, reason };
  }

  async #sendHeartbeat(signal: AbortSignal): Promise<Verdict> {
    const path = `/job-runs/${this.#options.spool.head.job_run_id}/heartbeat`;
    const verdict = judge(await this.#send({ method: 'POST', path }, signal));
    if (verdict.kind !== 'refused') return verdict;
    // The run was finished by somebody else, or deleted: it needs no sign of life.
    this.#hasHeartbeat = false;
    return { kind: 'done', next: undefined };
  }

  #send(request: ApiRequest, signal: AbortSignal): Promise<Answer> {
    return this.#options.api.send(request, signal);
  }

  #isHeartbeatDue(): boolean {
    return this.#hasHeartbeat && this.#heartbeatInMs() <= 0;
  }

  #heartbeatInMs(): number {
    return this.#lastSignMs + (this.#options.heartbeatMs ?? 0) - performance.now();
  }

  #idleMs(): number | undefined {
    const partialMs = this.#options.partials?.dueInMs();
    const heartbeatMs = this.#hasHeartbeat ? Math.max(1, this.#heartbeatInMs()) : undefined;
    if (partialMs === undefined || heartbeatMs === undefined) return partialMs ?? heartbeatMs;
    return Math.min(partialMs, heartbeatMs);
  }

  #noteSuccess(): void {
    this.#backoff.reset();
    this.trouble = undefined;
    this.#lastSignMs = performance.now();
    if (this.#hasReached) return;
    this.#hasReached = true;
    this.#options.onReached?.();
  }
}

function toRequest({ method, path, body }: Operation): ApiRequest {
  return { method, path, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
}
