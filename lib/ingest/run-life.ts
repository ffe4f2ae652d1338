import { v7 as uuidv7 } from 'uuid';
import { StratalError } from '@/lib/errors/stratal-error';
import type { CreateRunInput, CreateTaskInput, PatchRunInput, PatchTaskInput } from '@/lib/protocol/api';
import { RUN_BODY_BYTES_MAX } from '@/lib/protocol/limits';
import { isFinal, type Metadata, type Run, type TaskRun } from '@/lib/protocol/run';
import type { AppendOutcome, LogStore, RunRef } from '@/lib/store/store';
import type { AppendQueue } from './append-queue';

export interface RunLifeOptions {
  store: LogStore;
  queue: AppendQueue;
  /** Asked before a run or task is made; throws where there is no space. Finishing one is always possible. */
  admit: (bytes: number) => Promise<() => void>;
  /** Called after a change of a run or one of its tasks that no journal entry tells of. */
  onChange: (run: RunRef) => void;
}

/** How runs and tasks are made, changed and kept alive. What adds a line goes through the append queue. */
export class RunLife {
  readonly #store: LogStore;
  readonly #queue: AppendQueue;
  readonly #admit: RunLifeOptions['admit'];
  readonly #onChange: (run: RunRef) => void;

  constructor({ store, queue, admit, onChange }: RunLifeOptions) {
    this.#store = store;
    this.#queue = queue;
    this.#admit = admit;
    this.#onChange = onChange;
  }

  /** Makes a run; the same id and job_name again answers the one there is. Another job_name: STRATAL_RUN_CONFLICT. */
  async createRun(input: CreateRunInput): Promise<{ run: Run; created: boolean }> {
    const release = await this.#admit(RUN_BODY_BYTES_MAX);
    try {
      return await this.#makeRun(input);
    } finally {
      release();
    }
  }

  async #makeRun(input: CreateRunInput): Promise<{ run: Run; created: boolean }> {
    const outcome = await this.#queue.step({
      kind: 'create',
      id: input.id ?? uuidv7(),
      jobName: input.job_name,
      status: input.status,
      startedAtUs: input.started_at,
      triggeredBy: input.triggered_by,
      metadata: input.metadata,
      heartbeatSeconds: input.heartbeat_seconds,
    });
    if (outcome.kind === 'conflict') {
      throw new StratalError(
        'STRATAL_RUN_CONFLICT',
        `Job run ${outcome.run.id} exists already with the job name ${outcome.jobName}; choose another id.`,
        { members: { job_name: outcome.jobName } },
      );
    }
    const run = outcome.kind === 'gone' ? undefined : await this.#store.readRun(outcome.run.id);
    if (!run) throw new StratalError('STRATAL_NO_RUN', 'The job run was deleted meanwhile.');
    return { run, created: outcome.kind === 'done' };
  }

  /** Changes a run: pending → running → final only; the same final status again is fine. */
  async patchRun(id: string, input: PatchRunInput): Promise<Run> {
    const run = await this.#resolve(id);
    const { status, exit_code: exitCode, signal, finished_at: finishedAtUs, metadata, pinned } = input;
    if (status === undefined || !isFinal(status)) refuseFinalFields(input);
    if (metadata !== undefined) await this.#refuseLargeMetadata(id, metadata);
    if (status !== undefined) {
      const outcome = isFinal(status)
        ? await this.#queue.step({ kind: 'finish', run, finish: { status, exitCode, signal, finishedAtUs } })
        : await this.#begin(run, status);
      refuseConflict(outcome, id, status);
    }
    if (metadata !== undefined || pinned !== undefined) {
      await this.#store.updateRun(id, { metadata, pinned });
      this.#onChange(run);
    }
    const changed = await this.#store.readRun(id);
    if (!changed) throw noRun(id);
    return changed;
  }

  /** A producer's sign of life; makes a lost run running again. On a final run: STRATAL_STATUS_CONFLICT. */
  async heartbeat(id: string): Promise<void> {
    const run = await this.#resolve(id);
    const outcome = await this.#queue.step({ kind: 'heartbeat', run });
    if (outcome.kind === 'gone') throw noRun(id);
    if (outcome.kind === 'conflict') {
      throw new StratalError(
        'STRATAL_STATUS_CONFLICT',
        `Job run ${id} is ${outcome.status}; it takes no more heartbeats.`,
        {
          members: { current: outcome.status },
        },
      );
    }
  }

  async deleteRun(id: string): Promise<void> {
    const run = await this.#resolve(id);
    if (!(await this.#store.deleteRun(id))) throw noRun(id);
    this.#onChange(run);
  }

  async createTask(input: CreateTaskInput): Promise<{ task: TaskRun; created: boolean }> {
    const release = await this.#admit(RUN_BODY_BYTES_MAX);
    const task = {
      id: input.id,
      runId: input.job_run_id,
      name: input.task_name,
      attempt: input.attempt,
      status: input.status,
      startedAtUs: input.started_at,
    };
    const made = await this.#store.createTask(task).finally(release);
    await this.#changed(input.job_run_id);
    return made;
  }

  async patchTask(id: string, input: PatchTaskInput): Promise<TaskRun> {
    if (input.status === undefined || !isFinal(input.status)) refuseFinalFields(input);
    const finish = input.status !== undefined && isFinal(input.status) ? { status: input.status } : {};
    const task = await this.#store.patchTask(id, {
      ...finish,
      toStatus: input.status,
      exitCode: input.exit_code,
      signal: input.signal,
      finishedAtUs: input.finished_at,
    });
    await this.#changed(task.job_run_id);
    return task;
  }

  /** Merged again and again, metadata would outgrow what a list of runs can carry. Asked first, so that a refusal changes nothing. */
  async #refuseLargeMetadata(id: string, added: Metadata): Promise<void> {
    const merged = { ...(await this.#store.readRun(id))?.metadata, ...added };
    if (Buffer.byteLength(JSON.stringify(merged)) <= RUN_BODY_BYTES_MAX) return;
    throw new StratalError('STRATAL_TOO_LARGE', 'metadata: would be over 1 MiB with what the run has already.', {
      members: { field: 'metadata' },
    });
  }

  async #begin(run: RunRef, status: 'pending' | 'running'): Promise<AppendOutcome> {
    if (status === 'running') return this.#queue.step({ kind: 'start', run });
    const head = await this.#store.runHeadByKey(run.key);
    if (!head) return { kind: 'gone' };
    return head.status === 'pending'
      ? { kind: 'unchanged', run }
      : { kind: 'conflict', run, status: head.status, jobName: '' };
  }

  async #resolve(id: string): Promise<RunRef> {
    const run = await this.#store.resolveRun(id);
    if (!run) throw noRun(id);
    return run;
  }

  async #changed(runId: string): Promise<void> {
    const run = await this.#store.resolveRun(runId);
    if (run) this.#onChange(run);
  }
}

function noRun(id: string): StratalError {
  return new StratalError('STRATAL_NO_RUN', `There is no job run ${id}.`);
}

function refuseConflict(outcome: AppendOutcome, id: string, status: string): void {
  if (outcome.kind === 'gone') throw noRun(id);
  if (outcome.kind !== 'conflict') return;
  throw new StratalError('STRATAL_STATUS_CONFLICT', `Job run ${id} is ${outcome.status}; it cannot become ${status}.`, {
    members: { current: outcome.status },
  });
}

/** How something ended is said together with the final status, so that its finished line can tell it. */
function refuseFinalFields(input: { exit_code?: unknown; signal?: unknown; finished_at?: unknown }): void {
  for (const field of ['exit_code', 'signal', 'finished_at'] as const) {
    if (input[field] === undefined) continue;
    throw new StratalError('STRATAL_BAD_BODY', `${field}: goes with the status completed, failed or canceled.`, {
      members: { field },
    });
  }
}
