import type { LogMessage } from '@/lib/protocol/log-message';
import type { TaskRun } from '@/lib/protocol/run';
import type { KnownGroups } from './known-groups';

/** What rows are made of. */
export interface RowInput {
  /** Ascending by id. */
  lines: readonly LogMessage[];
  /** What the lines are chosen by; with another one, nothing is known of the lines before those given. */
  scope?: unknown;
  /** No line is missing between those given because of its text, level or stream: only then are groups whole. */
  isWhole: boolean;
  /** No line at all is missing: silence between two lines is silence. */
  isGapless: boolean;
  /** The last line given is the newest of the run. */
  atNewest: boolean;
  /** The run's newest line, as far as is known. */
  newest: number;
  /** What the server told of the groups here; the same array as long as nothing is new. */
  known: readonly KnownGroups[];
  /** The first line given is not the run's first. */
  hasOlder: boolean;
  /** The run was over when the viewer opened: groups whose format does not say are closed. */
  wasOver: boolean;
  /** The run is over now: groups that nothing ended are complete. */
  isOver: boolean;
  isFollowing: boolean;
  superseded: ReadonlyMap<string, TaskRun>;
  foldRepeats: boolean;
  /** Lines that open whatever they are in. */
  selection: { first: number; last: number } | undefined;
  isHit?: ((line: LogMessage) => boolean) | undefined;
  /** A line that the reader goes to: what it is in opens, also where it was closed by hand. */
  goal: { line: number } | undefined;
}
