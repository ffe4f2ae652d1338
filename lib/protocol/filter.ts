import type { Level, Stream } from './log-message';
import type { TextQuery } from './text-query';

/** The query's names of the filter, the same in REST, streams, Socket.IO and command line. */
export const FILTER_PARAMETERS = [
  'level',
  'stream',
  'task_run_id',
  'task_name',
  'attempt',
  'from',
  'to',
  'q',
  'case',
] as const;
export type FilterParameter = (typeof FILTER_PARAMETERS)[number];
export type FilterParameters = Partial<Record<FilterParameter, string>>;

/** A parsed filter. An absent member does not restrict; all present ones must hold. */
export interface LineFilter {
  levels?: ReadonlySet<Level>;
  streams?: ReadonlySet<Stream>;
  taskRunIds?: ReadonlySet<string>;
  taskNames?: ReadonlySet<string>;
  attempts?: ReadonlySet<number>;
  /** Microseconds since the epoch, inclusive. */
  fromUs?: number;
  /** Microseconds since the epoch, exclusive. */
  toUs?: number;
  text?: TextQuery;
}

/** What a filter reads of a line's task, stream and level. */
export interface FacetView {
  stream: Stream;
  level: Level;
  task?: { id: string; name: string; attempt: number } | undefined;
}
