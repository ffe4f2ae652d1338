import type { TransportName } from '@/lib/client/stream-options';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { Around } from './around';

/** What a server rendered: consecutive lines, and where the run's stream goes on after its newest one. */
export interface InitialLines {
  lines: readonly LogMessage[];
  /** The run's oldest line. */
  first: number;
  /** A cursor, or the number of the last line. */
  after: string | number;
  /** The run's newest line, the one that `after` stands for, where `lines` end before it. */
  newest?: number | undefined;
  /** Under a filter: from which number, exclusive, to which one `lines` are all that pass. */
  span?: { after: number; through: number } | undefined;
  /** What was asked for, by `keyOfAsked`. @defaultValue all lines */
  asked?: string | undefined;
}

export interface LogSourceOptions {
  jobRunId: string;
  baseUrl?: string | undefined;
  transport?: TransportName | undefined;
  filter?: FilterParameters | undefined;
  initial?: InitialLines | undefined;
  /** What comes with the matches of the filter. */
  around?: Around | undefined;
  /** Lines around what is in sight that should be at hand. @defaultValue 1000 */
  windowLines?: number | undefined;
}
