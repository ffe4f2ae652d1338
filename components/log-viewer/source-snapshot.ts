import type { StreamState } from '@/lib/client/stream-state';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { ResetReason } from '@/lib/protocol/stream-events';
import type { WindowSnapshot } from './line-window';
import type { UnfinishedLine } from './unfinished-lines';

/** What a LogSource holds and knows at one frame. */
export interface SourceSnapshot {
  window: WindowSnapshot<LogMessage>;
  /** The run's oldest line, as far as is known. */
  first: number;
  /** The run's newest line, as far as is known. */
  newest: number;
  stream: StreamState;
  /** Lines that their programs have not ended yet. */
  unfinished: readonly UnfinishedLine[];
  /** Older lines exist that are not held. */
  hasOlder: boolean;
  /** False until the first answer. */
  isLoaded: boolean;
  /** Rises with each page that moved an end of the window, also where it brought no line. */
  pages: number;
  /** A page that is on its way. */
  loading?: PageKind | undefined;
  /** Why the last page could not be loaded. */
  pageError?: string | undefined;
  /** Why lines that were shown are gone. */
  resetReason?: ResetReason | undefined;
  /** How often lines that were shown went, for whichever reason. */
  resets: number;
}

export type PageKind = 'older' | 'newer' | 'place';
