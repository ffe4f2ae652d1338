import type { LogMessage } from '@/lib/protocol/log-message';
import { noLines, type Tally } from '@/lib/terminal/group-tally';
import type { GroupMarker } from '@/lib/terminal/groups';
import { factsOf } from './line-facts';

/** A group of lines that one task run wrote. */
export interface Group extends Tally {
  /** The number of its marker. */
  id: number;
  line: LogMessage;
  marker: GroupMarker;
  parent: Group | undefined;
  depth: number;
  /** The line that ends it, where one is known. */
  endId: number | undefined;
  /** The newest time that is known of it. */
  lastMs: number;
  /** Some of its lines above those that are held were never counted. */
  isPartial: boolean;
  /** All that there will be of it is counted, although the end of the run is not held. */
  isWhole: boolean;
  /** One of its lines is asked for: linked, or a hit. */
  isWanted: boolean;
  /** Of `lines`, `errors` and `warnings`, what is of lines before `goneBelow`, which are not held. */
  gone: Tally;
  goneBelow: number;
}

/** A group of which nothing but its marker is known yet. */
export function beginGroup(line: LogMessage, marker: GroupMarker, parent: Group | undefined): Group {
  return {
    id: line.id,
    line,
    marker,
    parent,
    depth: parent === undefined ? 0 : parent.depth + 1,
    endId: undefined,
    lastMs: factsOf(line).timeMs,
    isPartial: false,
    isWhole: false,
    isWanted: false,
    ...noLines(),
    gone: noLines(),
    goneBelow: 0,
  };
}
