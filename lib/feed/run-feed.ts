import type { LineBatch, TaskRef } from '@/lib/store/line-batch';
import type { JournalEntry, RunHead, RunRef } from '@/lib/store/store';

/** Called when there is something new after a reader's cursor; synchronous, must not throw. */
export type Wake = () => void;

/** One run that has readers on this node: where it stands, and whom to wake. Shared by all of them. */
export class RunFeed {
  readonly run: RunRef;
  readonly readers = new Set<Wake>();
  #head: RunHead;
  #position: number;
  #deleted = false;
  /** The position of the newest line by task and stream, which ends their partials. */
  readonly #lineAt = new Map<string, number>();
  #lineAtUnknown = 0;

  /** `position`: the head holds everything of the journal up to there, and maybe more. */
  constructor(head: RunHead, position: number) {
    this.run = { key: head.key, id: head.id };
    this.#head = head;
    this.#position = position;
  }

  get head(): RunHead {
    return this.#head;
  }

  /** True after the run was deleted; its readers are to end. */
  get isDeleted(): boolean {
    return this.#deleted;
  }

  /** Entries come in order of position, but a head read from the store may be ahead of them: older ones change nothing. */
  apply(entry: JournalEntry, batch: LineBatch | undefined): void {
    if (entry.position <= this.#position) return;
    this.#position = entry.position;
    if (entry.lineCount > 0) this.#noteLines(entry.position, batch);
    const lastLine = entry.firstLine + entry.lineCount - 1;
    if (lastLine < this.#head.lastLine) return;
    const { key, id, firstLine } = this.#head;
    this.#head = { key, id, firstLine, lastLine, status: entry.status, end: entry.end };
  }

  /** Takes over what the store says; undefined: the run is gone. */
  replaceHead(head: RunHead | undefined): void {
    if (!head) this.#deleted = true;
    else {
      // Reads may overtake one another: what retention took never comes back.
      const firstLine = Math.max(this.#head.firstLine, head.firstLine);
      this.#head = { ...(head.lastLine >= this.#head.lastLine ? head : this.#head), firstLine };
    }
  }

  /** The newest position at which a line of that task and stream was applied. */
  linePosition(task: TaskRef | undefined, stream: string): number {
    return Math.max(this.#lineAtUnknown, this.#lineAt.get(sourceKey(task, stream)) ?? 0);
  }

  wakeAll(): void {
    for (const wake of this.readers) wake();
  }

  #noteLines(position: number, batch: LineBatch | undefined): void {
    if (!batch) this.#lineAtUnknown = position;
    else for (const { task, stream } of batch.columns.facets) this.#lineAt.set(sourceKey(task, stream), position);
  }
}

/** Names one output of a run: a stream of one task, or of the run itself. */
export function sourceKey(task: TaskRef | undefined, stream: string): string {
  return task ? `${task.key}:${stream}` : stream;
}
