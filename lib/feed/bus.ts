import type { Stream } from '@/lib/protocol/log-message';
import type { TaskRef } from '@/lib/store/line-batch';
import type { RunRef } from '@/lib/store/store';

/** A line that its program has not ended yet. */
export interface PartialLine {
  run: RunRef;
  task: TaskRef | undefined;
  stream: Stream;
  /** At most PARTIAL_BYTES_MAX of UTF-8. */
  message: string;
  /** Microseconds since the epoch. */
  atUs: number;
  /** Where the journal stood on the node that relays it: a line of its stream behind that ends it. */
  position: number;
}

/** What a node tells the others. It carries facts, never lines: who wants them reads the store. */
export interface BusMessage {
  /** The journal has grown to this position; 0 where it has not. */
  position: number;
  /** Keys of runs that changed: counters, status, tasks, retention. */
  runs: readonly number[];
  partials: readonly PartialLine[];
}

export interface BusHandlers {
  /** A message of another node; never called for one's own. */
  onMessage(message: BusMessage): void;
  /** Messages may have been lost, or are about to come for the first time: look at the head. */
  onGap(): void;
}

/** How nodes wake each other. A lost message costs time, never a line, so nothing here throws or waits. */
export interface Bus {
  start(handlers: BusHandlers): Promise<void>;
  announce(message: BusMessage): void;
  close(): Promise<void>;
}

/** The bus of a single node. */
export const noBus: Bus = {
  start: async () => {},
  announce: () => {},
  close: async () => {},
};
