import { formatDuration } from '@/components/format/duration';
import { describeOutcome } from '@/components/format/outcome';
import { formatCount, formatCounted } from '@/components/format/quantity';
import type { RunEndEvent } from '@/lib/protocol/stream-events';
import { PartialLine, type PartialOptions } from './partial-line';
import type { SourceSnapshot } from './source-snapshot';
import type { TerminalStates } from './terminal-states';
import type { UnfinishedLine } from './unfinished-lines';
import type { Goal } from './use-place';
import { isFiltering, type ViewerFilter } from './viewer-filter';

const NOTE = 'log-note px-3 py-1.5 text-fg-faint text-xs';

/** Below the last line that is held: unfinished lines, the run's end, or why there is nothing. */
export function ViewerFoot({
  snapshot,
  filter,
  shown,
  unfinished,
  isHeld,
  states,
  missing,
  options,
  depth,
}: {
  snapshot: SourceSnapshot;
  /** Those that are shown. */
  unfinished: readonly UnfinishedLine[];
  /** The lines above stand still, whatever has come since. */
  isHeld: boolean;
  states: TerminalStates;
  options: PartialOptions;
  /** Groups that are open at the end. */
  depth: number;
  filter: ViewerFilter;
  /** Lines in the list. */
  shown: number;
  /** A line that was asked for and that the run does not have. */
  missing: Goal | undefined;
}) {
  const { window, stream, newest, isLoaded, loading, hasOlder, pageError } = snapshot;
  if (missing) return <div className={NOTE}>{missingText(missing, snapshot)}</div>;
  if (!window.atNewest && !isHeld) {
    if (pageError !== undefined) {
      return (
        <div className={NOTE}>
          <span className="mr-2 text-danger">{pageError}</span>
          It is tried again.
        </div>
      );
    }
    return (
      <div className={NOTE}>
        {loading === 'newer'
          ? 'Loading newer lines…'
          : `Newer lines up to ${formatCount(newest)} are loaded as you scroll down.`}
      </div>
    );
  }
  const isFiltered = isFiltering(filter);
  return (
    <>
      {unfinished.map((partial) => (
        <PartialLine
          key={partial.key}
          partial={partial}
          start={states.endOf(partial)}
          options={options}
          depth={depth}
        />
      ))}
      {shown === 0 && unfinished.length === 0 && <div className={NOTE}>{emptyText(snapshot, isFiltered)}</div>}
      {isFiltered && shown > 0 && !hasOlder && <div className={NOTE}>{formatCounted(shown, 'line')}</div>}
      {isLoaded && stream.kind === 'ended' && stream.end && (
        <div className={NOTE}>{endText(stream.end, options.startedAt)}</div>
      )}
    </>
  );
}

function missingText({ line }: Goal, { first: oldest, newest }: SourceSnapshot): string {
  if (line < oldest)
    return `Line ${formatCount(line)} was removed by retention; the log begins at ${formatCount(oldest)}.`;
  return `There is no line ${formatCount(line)} yet; the newest is ${formatCount(newest)}.`;
}

function emptyText({ stream, isLoaded, hasOlder }: SourceSnapshot, isFiltered: boolean): string {
  if (stream.kind === 'failed') return stream.error.message;
  if (!isLoaded) return 'Loading…';
  if (isFiltered) return hasOlder ? 'None of the newest lines matches this filter.' : 'No line matches this filter.';
  return stream.kind === 'ended' ? 'This run wrote no lines.' : 'Waiting for the first line…';
}

function endText({ status, finished_at, ...outcome }: RunEndEvent, startedAt: string | undefined): string {
  const words = describeOutcome({ status, ...outcome });
  const took = Date.parse(finished_at ?? '') - Date.parse(startedAt ?? '');
  const duration = took >= 0 ? ` after ${formatDuration(took)}` : '';
  return `Run ${status}${duration}${words === undefined ? '' : `: ${words}`}`;
}
