import type { Feed } from '@/lib/feed/feed';
import type { Level, Stream } from '@/lib/protocol/log-message';
import type { LineInput, TaskRef } from '@/lib/store/line-batch';
import type { AppendOp, FinishInput, LogStore, RunRef } from '@/lib/store/store';

type Line = string | { message: string; level?: Level; stream?: Stream; task?: TaskRef; timeUs?: number };

/** Commits to a real store one group at a time and tells the feed, as the append queue of a server does. */
export class LogWriter {
  readonly store: LogStore;
  readonly #feed: Feed | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Without a feed it is another node whose announcements are lost. */
  constructor(store: LogStore, feed: Feed | undefined) {
    this.store = store;
    this.#feed = feed;
  }

  async createRun(id: string, heartbeatSeconds?: number): Promise<RunRef> {
    const outcome = await this.#step({ kind: 'create', id, jobName: 'test', status: 'running', heartbeatSeconds });
    if (outcome?.kind !== 'done') throw new Error(`run ${id} was not made`);
    return outcome.run;
  }

  async lines(run: RunRef, lines: readonly Line[]): Promise<void> {
    await this.commit([linesOp(run, lines)]);
  }

  async finish(run: RunRef, finish: FinishInput = { status: 'completed' }): Promise<void> {
    await this.#step({ kind: 'finish', run, finish });
  }

  /** Its producer was silent for too long. */
  async lose(run: RunRef): Promise<void> {
    await this.#step({ kind: 'lose', run, silentSinceUs: Number.MAX_SAFE_INTEGER });
  }

  async heartbeat(run: RunRef): Promise<void> {
    await this.#step({ kind: 'heartbeat', run });
  }

  /** One commit; commits are in the order of the calls. */
  async commit(ops: readonly AppendOp[]) {
    const append = this.#last.then(async () => {
      const result = await this.store.append(ops, []);
      if (result.kind !== 'committed') throw new Error(`append: ${result.kind}`);
      this.#feed?.publish(result);
      return result;
    });
    this.#last = append.catch(() => {});
    return append;
  }

  async #step(op: AppendOp) {
    return (await this.commit([op])).outcomes[0];
  }
}

export function linesOp(run: RunRef, lines: readonly Line[]): AppendOp {
  const inputs = lines.map(toInput);
  const byteCount = inputs.reduce((sum, { message }) => sum + Buffer.byteLength(message), 0);
  return { kind: 'lines', run, lines: inputs, byteCount, maskedCount: 0, replacedCount: 0 };
}

function toInput(line: Line): LineInput {
  const {
    message,
    level = 'info',
    stream = 'stdout',
    task,
    timeUs,
  } = typeof line === 'string' ? { message: line } : line;
  return {
    timeUs: timeUs ?? Date.now() * 1000,
    level,
    stream,
    message,
    task,
    continues: false,
    attributes: undefined,
  };
}

/** `count` messages `<prefix> <n>`, from 1. */
export function numbered(prefix: string, count: number, from = 1): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix} ${from + index}`);
}
