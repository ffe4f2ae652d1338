import type { TransportName } from '@/lib/client/stream-options';
import type { FindState } from '@/lib/protocol/find-term';
import type { LineRange } from '@/lib/protocol/line-range';
import type { LevelCounts } from '@/lib/protocol/log-message';
import type { Status, TaskRun } from '@/lib/protocol/run';
import type { InitialLines } from './log-source-options';
import type { ViewerFilter } from './viewer-filter';

export interface LogViewerProps {
  jobRunId: string;
  /** Named where lines are copied. @defaultValue the run's id */
  jobName?: string;
  /** A CSS length. @defaultValue '600px' */
  height?: string | number;
  /** Follow the newest line until the reader scrolls up. @defaultValue true */
  autoScroll?: boolean;
  /** The server's address. @defaultValue the page's own origin */
  baseUrl?: string;
  /** @defaultValue 'socketio', one connection for all viewers of a page */
  transport?: TransportName;
  /** Lines around what is in sight that are at hand, at least 400; about three times as many are in memory. @defaultValue 1000 */
  windowLines?: number;
  /** Lines as a server rendered them; without them the viewer loads its own. */
  initial?: InitialLines;
  /** With `permalinks`: lines that the page's address names beside its hash. They are marked, and scrolled to. */
  linked?: LineRange;
  /**
   * The line that is shown first where the address names none.
   * @defaultValue without `status` a failed run's first error; else the newest
   */
  openAt?: number | undefined;
  /** The run's status where the page follows it: a run that goes on after its end is followed again. @defaultValue the viewer asks for the run */
  status?: Status;
  /** When the run began (RFC 3339), for times since then. @defaultValue what the server knows, or the time of the first line */
  startedAt?: string | undefined;
  /** Shown beside the level filter. @defaultValue what the server counts, every few seconds while the run goes on */
  levelCounts?: LevelCounts;
  /** Tasks to filter by. @defaultValue without `status` those of the run */
  tasks?: readonly TaskRun[];
  /** With `onFilterChange`, the page holds the filter. */
  filter?: ViewerFilter;
  onFilterChange?: (filter: ViewerFilter) => void;
  /** With `onFindChange`, the page holds the search. */
  find?: FindState;
  onFindChange?: (find: FindState) => void;
  /** Terms shown in colours, each place of the list in its own; '' is a free place. With `onHighlightsChange`, the page holds them. */
  highlights?: readonly string[];
  onHighlightsChange?: (highlights: string[]) => void;
  /** Fields shown as columns; with `onColumnsChange`, the page holds the choice. @defaultValue none: lines are text */
  columns?: readonly string[];
  onColumnsChange?: (columns: string[]) => void;
  /**
   * The viewer is its page's log: `#L42` names a line of it, and its keys work wherever no field has the focus.
   * @defaultValue false: numbers link to the run's page
   */
  permalinks?: boolean;
  /** Hears which lines are selected by their numbers. */
  onSelectionChange?: (selection: LineRange | undefined) => void;
  className?: string;
}
