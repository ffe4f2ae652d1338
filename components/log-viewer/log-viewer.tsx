'use client';

import { type CSSProperties, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { classNames } from '@/components/ui/class-names';
import { useIsHydrated } from '@/components/ui/now';
import type { TransportName } from '@/lib/client/stream-options';
import type { LevelCounts, LogMessage } from '@/lib/protocol/log-message';
import { isFinal, type Status, type TaskRun } from '@/lib/protocol/run';
import { ConnectionState } from './connection-state';
import { FilterChips } from './filter/filter-chips';
import { useHighlights } from './filter/use-highlights';
import { lineAtTime } from './histogram/line-at-time';
import { RunVolume } from './histogram/run-volume';
import { SightStore } from './histogram/sight-store';
import type { TimeRange } from './histogram/volume-histogram';
import { LogList } from './log-list';
import type { RowOptions } from './log-row';
import type { InitialLines } from './log-source';
import { TIME_STYLES, timeChars, zoneOf } from './log-time';
import { LogTimeTip } from './log-time-tip';
import { ShownLines } from './shown-lines';
import { TerminalStates } from './terminal-states';
import { useLineHash } from './use-line-hash';
import { useLogSource } from './use-log-source';
import { usePlace } from './use-place';
import { usePreference } from './use-preference';
import { useRunCounts } from './use-run-counts';
import { useTextQuery } from './use-text-query';
import {
  isFiltering,
  LineMatcher,
  NO_FILTER,
  serverFilter,
  setFilter as setsOf,
  type ViewerFilter,
} from './viewer-filter';
import { ViewerFoot } from './viewer-foot';
import { ViewerToolbar } from './viewer-toolbar';
import { HeadNotice, JumpBar } from './window-notices';

export interface LogViewerProps {
  jobRunId: string;
  /** A CSS length. @defaultValue '600px' */
  height?: string | number;
  /** Follow the newest line until the reader scrolls up. @defaultValue true */
  autoScroll?: boolean;
  /** The server's address. @defaultValue the page's own origin */
  baseUrl?: string;
  /** @defaultValue 'socketio', one connection for all viewers of a page */
  transport?: TransportName;
  /** The newest lines as a server rendered them; without them the viewer loads its own. */
  initial?: InitialLines;
  /** The run's status where the page knows it: a run that goes on after its end is followed again. */
  status?: Status;
  /** Shown beside the level filter. */
  levelCounts?: LevelCounts;
  /** Tasks to filter by. */
  tasks?: readonly TaskRun[];
  /** With `onFilterChange`, the page holds the filter. */
  filter?: ViewerFilter;
  onFilterChange?: (filter: ViewerFilter) => void;
  /** Terms shown in colours, each place of the list in its own; '' is a free place. With `onHighlightsChange`, the page holds them. */
  highlights?: readonly string[];
  onHighlightsChange?: (highlights: string[]) => void;
  /** When the run began (RFC 3339), for times since then. @defaultValue the time of its first line */
  startedAt?: string | undefined;
  /** The page's `#L42` names a line of this run. @defaultValue false: numbers link to the run's page */
  permalinks?: boolean;
  className?: string;
}

/** Characters of the column of task names. */
const LABEL_CHARS_MAX = 22;
const NO_TASKS: readonly TaskRun[] = [];
const NO_HIGHLIGHTS: readonly string[] = [];

/**
 * A run's log, live: it follows the newest line, waits where the reader scrolls up, and reads a run of any size while it
 * holds a bounded part of it. Needs only `jobRunId`.
 */
export function LogViewer({
  jobRunId,
  height = '600px',
  autoScroll = true,
  baseUrl,
  transport,
  initial,
  status,
  levelCounts,
  tasks = NO_TASKS,
  filter: heldFilter,
  onFilterChange,
  highlights: heldHighlights,
  onHighlightsChange,
  startedAt: givenStart,
  permalinks = false,
  className,
}: LogViewerProps) {
  const [ownFilter, setOwnFilter] = useState(NO_FILTER);
  const filter = heldFilter ?? ownFilter;
  const setFilter = onFilterChange ?? setOwnFilter;
  const [ownHighlights, setOwnHighlights] = useState(NO_HIGHLIGHTS);
  const highlights = heldHighlights ?? ownHighlights;
  const setHighlights = onHighlightsChange ?? setOwnHighlights;
  const { query, fault } = useTextQuery(filter.text, filter.isCaseSensitive);
  const wanted = useMemo(() => serverFilter(fault === undefined ? filter : { ...filter, text: '' }), [filter, fault]);
  const sets = useMemo(() => setsOf(filter), [filter]);
  const { source, snapshot, isSwitching } = useLogSource({ jobRunId, baseUrl, transport, initial }, wanted);
  const { window: held, stream } = snapshot;

  const [wrap, setWrap] = usePreference('wrap', ['on', 'off'], 'on');
  const [time, setTime] = usePreference('time', TIME_STYLES, 'off');
  const [histogram, setHistogram] = usePreference('histogram', ['on', 'off'], 'on');
  const { selection, target, select } = useLineHash(permalinks);
  const place = usePlace(source, snapshot, target, autoScroll);
  const searchRef = useRef<HTMLInputElement>(null);

  const isGoing = stream.kind !== 'ended' && (status === undefined || !isFinal(status));
  const needsOldest = time === 'elapsed' && givenStart === undefined;
  const counts = useRunCounts(jobRunId, baseUrl, isGoing, tasks, needsOldest);
  const { attemptOf } = counts;
  const startedAt = givenStart ?? counts.oldest;

  const highlight = useHighlights(highlights);
  const matcher = useMemo(
    () => new LineMatcher(filter, query, { attemptOf, highlight }),
    [filter, query, attemptOf, highlight],
  );
  const states = useMemo(() => new TerminalStates(), []);
  const [shown] = useState(() => new ShownLines());
  const [sight] = useState(() => new SightStore());
  const lines = useMemo(() => {
    states.follow(held.lines);
    const passing = isFiltering(filter) ? held.lines.filter((line) => matcher.matches(line)) : held.lines;
    shown.follow(passing);
    return passing;
  }, [held.lines, filter, matcher, states, shown]);
  const body = useRef<HTMLDivElement>(null);
  const labelChars = useMemo(
    () => tasks.reduce((most, task) => Math.max(most, Math.min(task.task_name.length, LABEL_CHARS_MAX)), 6),
    [tasks],
  );
  const hasTasks = useMemo(() => new Set(tasks.map((task) => task.task_name)).size > 1, [tasks]);
  const linkBase = permalinks ? '' : `${baseUrl ?? ''}/job-runs/${encodeURIComponent(jobRunId)}`;
  const options = useMemo<RowOptions>(
    () => ({
      wrap: wrap === 'on',
      time,
      startedAt,
      previousOf: time === 'delta' ? shown.previousOf : undefined,
      anchorOf: (line) => ({ number: line.id, href: `${linkBase}#L${line.id}` }),
      labelOf: hasTasks ? (line) => (line.task_name === undefined ? undefined : { text: line.task_name }) : undefined,
      onSelect: permalinks ? select : undefined,
    }),
    [wrap, time, startedAt, shown, hasTasks, linkBase, permalinks, select],
  );

  // A run that was over and is running again has further lines.
  useEffect(() => {
    if (status === 'running' && stream.kind === 'ended') source.reconnect();
  }, [status, stream.kind, source]);

  const isPageable = !isSwitching && snapshot.pageError === undefined;
  const loadOlder = useCallback(() => source.loadOlder(), [source]);
  const loadNewer = useCallback(() => source.loadNewer(), [source]);

  const jumping = useRef<AbortController>(undefined);
  const jumpToTime = async (iso: string) => {
    jumping.current?.abort();
    const abort = new AbortController();
    jumping.current = abort;
    // Where it cannot be asked for, the reader stays; the connection's state tells why.
    const line = await lineAtTime(counts.run.service, jobRunId, iso, abort.signal, wanted).catch(() => undefined);
    if (line !== undefined && !abort.signal.aborted) place.goTo(line);
  };
  const setRange = ({ from, to }: TimeRange) => setFilter({ ...filter, from, to });
  // The server does not know the reader's zone.
  const zone = useIsHydrated() ? zoneOf(time) : 'utc';

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.altKey || event.metaKey) return;
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key === '/' && !isTyping && !event.ctrlKey) {
      event.preventDefault();
      searchRef.current?.focus();
    } else if (event.key === 'End' && !isTyping) {
      event.preventDefault();
      place.goToNewest();
    } else if (event.key === 'Home' && !isTyping) {
      event.preventDefault();
      place.goTo(snapshot.first);
    } else if (permalinks && (event.key === 'j' || event.key === 'k') && !isTyping) {
      const line = neighbour(lines, selection?.first ?? place.lineInSight() ?? 0, event.key === 'j' ? 1 : -1);
      if (line === undefined) return;
      select(line, false);
      place.goTo(line, 'auto');
    }
  };

  const isAway = !place.isFollowing && snapshot.isLoaded && (held.unseen > 0 || !held.atNewest || !autoScroll);
  const digits = Math.max(3, String(Math.max(snapshot.newest, 1)).length);
  const style: CSSProperties & { '--digits': number; '--time': number; '--label': number } = {
    height,
    '--digits': digits,
    '--time': timeChars(shown.hasMicroseconds),
    '--label': labelChars,
  };

  return (
    <section
      aria-label="Log"
      className={classNames('log-viewer relative flex flex-col overflow-hidden rounded-lg border bg-canvas', className)}
      style={style}
      onKeyDown={onKeyDown}
    >
      <ViewerToolbar
        filter={filter}
        onFilterChange={setFilter}
        levelCounts={levelCounts}
        run={{
          tasks,
          facets: counts.facets,
          newest: counts.newest,
          zone,
          highlights,
          onHighlightsChange: setHighlights,
          onOpenChange: counts.setMenuOpen,
        }}
        view={{
          wrap: wrap === 'on',
          setWrap: (on) => setWrap(on ? 'on' : 'off'),
          time,
          setTime,
          timeStyles: TIME_STYLES,
          histogram: { isShown: histogram === 'on', setShown: (isShown) => setHistogram(isShown ? 'on' : 'off') },
        }}
        searchRef={searchRef}
        fault={fault}
      >
        <ConnectionState stream={stream} isFollowing={place.isFollowing} onRetry={() => source.reconnect()} />
      </ViewerToolbar>
      <FilterChips
        filter={filter}
        onFilterChange={setFilter}
        tasks={counts.tasks}
        zone={zone}
        highlights={highlights}
        onHighlightsChange={setHighlights}
      />
      {histogram === 'on' && (
        <RunVolume
          run={counts.run}
          sets={sets}
          range={filter}
          sight={sight}
          zone={zone}
          client={counts.client}
          onJump={jumpToTime}
          onRange={setRange}
        />
      )}
      <div ref={body} className="relative flex min-h-0 flex-1 flex-col">
        <LogTimeTip container={body} shown={shown} startedAt={startedAt} />
        <LogList
          label={`Lines of run ${jobRunId}`}
          lines={lines}
          states={states}
          matcher={matcher}
          selection={selection}
          options={options}
          isFollowing={place.isFollowing}
          canFollow={autoScroll && held.atNewest}
          onFollowingChange={place.setFollowing}
          onNearStart={isPageable ? loadOlder : undefined}
          onNearEnd={isPageable ? loadNewer : undefined}
          scrollTo={place.scrollTo}
          onReached={place.onReached}
          onInSight={place.noteInSight}
          onTimesInSight={sight.note}
          head={
            <HeadNotice
              snapshot={snapshot}
              isFiltered={isFiltering(filter)}
              isSwitching={isSwitching}
              onLoadOlder={loadOlder}
            />
          }
          foot={<ViewerFoot snapshot={snapshot} filter={filter} shown={lines.length} missing={place.missing} />}
          overlay={isAway && <JumpBar unseen={held.unseen} onJump={place.goToNewest} />}
        />
      </div>
    </section>
  );
}

/** The number of the line beside another one, among those that are shown. */
function neighbour(lines: readonly LogMessage[], id: number, step: 1 | -1): number | undefined {
  const index = lines.findIndex((line) => line.id >= id);
  return index === -1 ? lines.at(-1)?.id : lines[index + step]?.id;
}

export default LogViewer;
