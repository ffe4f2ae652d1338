'use client';

import { type CSSProperties, type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { classNames } from '@/components/ui/class-names';
import { LogStreamingService } from '@/lib/client/log-streamer';
import type { TransportName } from '@/lib/client/stream-options';
import type { LevelCounts, LogMessage } from '@/lib/protocol/log-message';
import type { Status, TaskRun } from '@/lib/protocol/run';
import { ConnectionState } from './connection-state';
import type { LineRange } from './line-hash';
import { LogList } from './log-list';
import type { RowOptions } from './log-row';
import type { InitialLines } from './log-source';
import { CopyNotice } from './share/copy-notice';
import { fetchLinesOf, readLines } from './share/read-lines';
import { SelectionBar } from './share/selection-bar';
import { useNativeSelection } from './share/use-native-selection';
import { TerminalStates } from './terminal-states';
import { useLineHash } from './use-line-hash';
import { useLogSource } from './use-log-source';
import { usePlace } from './use-place';
import { usePreference } from './use-preference';
import { useTextQuery } from './use-text-query';
import { isFiltering, LineMatcher, NO_FILTER, serverFilter, type ViewerFilter } from './viewer-filter';
import { ViewerFoot } from './viewer-foot';
import { ViewerToolbar } from './viewer-toolbar';
import { HeadNotice, JumpBar } from './window-notices';

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
  /** Lines as a server rendered them; without them the viewer loads its own. */
  initial?: InitialLines;
  /** With `permalinks`: lines that the page's address names beside its hash. They are marked, and scrolled to. */
  linked?: LineRange;
  /** The run's status where the page knows it: a run that goes on after its end is followed again. */
  status?: Status;
  /** Shown beside the level filter. */
  levelCounts?: LevelCounts;
  /** Tasks to filter by. */
  tasks?: readonly TaskRun[];
  /** With `onFilterChange`, the page holds the filter. */
  filter?: ViewerFilter;
  onFilterChange?: (filter: ViewerFilter) => void;
  /** The page's `#L42` names a line of this run. @defaultValue false: numbers link to the run's page */
  permalinks?: boolean;
  className?: string;
}

/** Characters of the column of task names. */
const LABEL_CHARS_MAX = 22;
const NO_TASKS: readonly TaskRun[] = [];
const NO_LINES: readonly LogMessage[] = [];

/**
 * A run's log, live: it follows the newest line, waits where the reader scrolls up, and reads a run of any size while it
 * holds a bounded part of it. Needs only `jobRunId`.
 */
export function LogViewer({
  jobRunId,
  jobName = jobRunId,
  height = '600px',
  autoScroll = true,
  baseUrl,
  transport,
  initial,
  linked,
  status,
  levelCounts,
  tasks = NO_TASKS,
  filter: heldFilter,
  onFilterChange,
  permalinks = false,
  className,
}: LogViewerProps) {
  const [ownFilter, setOwnFilter] = useState(NO_FILTER);
  const filter = heldFilter ?? ownFilter;
  const setFilter = onFilterChange ?? setOwnFilter;
  const { query, fault } = useTextQuery(filter.text);
  const wanted = useMemo(() => serverFilter(fault === undefined ? filter : { ...filter, text: '' }), [filter, fault]);
  const { source, snapshot, isSwitching } = useLogSource({ jobRunId, baseUrl, transport, initial }, wanted);
  const { window: held, stream } = snapshot;

  const [wrap, setWrap] = usePreference('wrap', ['on', 'off'], 'on');
  const [time, setTime] = usePreference('time', ['off', 'local', 'utc'], 'off');
  const { selection, target, select, clear } = useLineHash(permalinks, linked);
  const place = usePlace(source, snapshot, target, autoScroll);
  const searchRef = useRef<HTMLInputElement>(null);

  const matcher = useMemo(() => new LineMatcher(filter, query), [filter, query]);
  const states = useMemo(() => new TerminalStates(), []);
  const lines = useMemo(() => {
    states.follow(held.lines);
    return isFiltering(filter) ? held.lines.filter((line) => matcher.matches(line)) : held.lines;
  }, [held.lines, filter, matcher, states]);
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
      anchorOf: (line) => ({ number: line.id, href: `${linkBase}#L${line.id}` }),
      labelOf: hasTasks ? (line) => (line.task_name === undefined ? undefined : { text: line.task_name }) : undefined,
      onSelect: permalinks ? select : undefined,
    }),
    [wrap, time, hasTasks, linkBase, permalinks, select],
  );

  // A run that was over and is running again has further lines.
  useEffect(() => {
    if (status === 'running' && stream.kind === 'ended') source.reconnect();
  }, [status, stream.kind, source]);

  const isPageable = !isSwitching && snapshot.pageError === undefined;
  const loadOlder = useCallback(() => source.loadOlder(), [source]);
  const loadNewer = useCallback(() => source.loadNewer(), [source]);

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

  const listRef = useRef<HTMLDivElement>(null);
  const native = useNativeSelection(listRef, {
    lines,
    whole: { first: snapshot.first, last: snapshot.newest },
    isHeld: ({ first, last }) => first > held.after && last <= held.through,
    read: (range) => readLines(range, lines, fetchLinesOf(new LogStreamingService(baseUrl), jobRunId, source.filter)),
  });

  // On a small screen the page scrolls too: an address that names lines brings the log into it.
  useEffect(() => {
    if (target) listRef.current?.scrollIntoView({ block: 'nearest' });
  }, [target]);

  const isAway = !place.isFollowing && snapshot.isLoaded && (held.unseen > 0 || !held.atNewest || !autoScroll);
  const digits = Math.max(3, String(Math.max(snapshot.newest, 1)).length);
  const style: CSSProperties & { '--digits': number; '--label': number } = {
    height,
    '--digits': digits,
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
        tasks={tasks}
        view={{ wrap: wrap === 'on', setWrap: (on) => setWrap(on ? 'on' : 'off'), time, setTime }}
        searchRef={searchRef}
        fault={fault}
      >
        <ConnectionState stream={stream} isFollowing={place.isFollowing} onRetry={() => source.reconnect()} />
      </ViewerToolbar>
      <div ref={listRef} className="relative flex min-h-0 flex-1 flex-col">
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
          keepMounted={native.keepMounted}
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
        <CopyNotice text={native.notice} />
        {selection && (
          <SelectionBar
            jobRunId={jobRunId}
            jobName={jobName}
            baseUrl={baseUrl}
            selection={selection}
            held={Object.keys(source.filter).length === 0 ? held.lines : NO_LINES}
            onClear={clear}
          />
        )}
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
