'use client';

import { type CSSProperties, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { classNames } from '@/components/ui/class-names';
import type { TransportName } from '@/lib/client/stream-options';
import type { LevelCounts, LogMessage } from '@/lib/protocol/log-message';
import type { Status, TaskRun } from '@/lib/protocol/run';
import { ConnectionState } from './connection-state';
import { FindBar } from './find/find-bar';
import { type FindState, NO_FIND } from './find/find-state';
import { useFind } from './find/use-find';
import { useShownFilter } from './find/use-shown-filter';
import { JumpPanel } from './jump/jump-panel';
import { LineMarks } from './line-marks';
import { LogList } from './log-list';
import type { RowOptions } from './log-row';
import type { InitialLines } from './log-source';
import { useRows } from './rows/use-rows';
import { ViewerScrollbar } from './scrollbar/viewer-scrollbar';
import { SightStore } from './sight-store';
import { ColumnChooser } from './structured/column-chooser';
import { ColumnHead } from './structured/column-head';
import { useStructured } from './structured/use-structured';
import { TerminalStates } from './terminal-states';
import { useHold } from './use-hold';
import { useLineHash } from './use-line-hash';
import { useLogSource } from './use-log-source';
import { usePlace } from './use-place';
import { usePreference } from './use-preference';
import { useTravel } from './use-travel';
import { useViewerKeys } from './use-viewer-keys';
import { isFiltering, NO_FILTER, type ViewerFilter } from './viewer-filter';
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
  /** Lines around what is in sight that are at hand; about three times as many are in memory. @defaultValue 1000 */
  windowLines?: number;
  /** The newest lines as a server rendered them; without them the viewer loads its own. */
  initial?: InitialLines;
  /** The run's status where the page knows it: a run that goes on after its end is followed again. */
  status?: Status;
  /** When the run started, for jumps to a time since then. */
  startedAt?: string | undefined;
  /** Shown beside the level filter. */
  levelCounts?: LevelCounts;
  /** Tasks to filter by. */
  tasks?: readonly TaskRun[];
  /** With `onFilterChange`, the page holds the filter. */
  filter?: ViewerFilter;
  onFilterChange?: (filter: ViewerFilter) => void;
  /** With `onFindChange`, the page holds the search. */
  find?: FindState;
  onFindChange?: (find: FindState) => void;
  /** Fields shown as columns; with `onColumnsChange`, the page holds the choice. @defaultValue none: lines are text */
  columns?: readonly string[];
  onColumnsChange?: (columns: string[]) => void;
  /**
   * The viewer is its page's log: `#L42` names a line of it, and its keys work wherever no field has the focus.
   * @defaultValue false: numbers link to the run's page
   */
  permalinks?: boolean;
  className?: string;
}

/** Characters of the column of task names. */
const LABEL_CHARS_MAX = 22;
const NO_TASKS: readonly TaskRun[] = [];
const NO_HITS: readonly number[] = [];
const TIMES = ['off', 'local', 'utc'] as const;

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
  windowLines,
  initial,
  status,
  startedAt,
  levelCounts,
  tasks = NO_TASKS,
  filter: heldFilter,
  onFilterChange,
  find: heldFind,
  onFindChange,
  columns: heldColumns,
  onColumnsChange,
  permalinks = false,
  className,
}: LogViewerProps) {
  const [ownFilter, setOwnFilter] = useState(NO_FILTER);
  const filter = heldFilter ?? ownFilter;
  const setFilter = onFilterChange ?? setOwnFilter;
  const [ownFind, setOwnFind] = useState(NO_FIND);
  const findState = heldFind ?? ownFind;
  const setFindState = onFindChange ?? setOwnFind;
  const [isFindOpen, setFindOpen] = useState(findState.text !== '');
  const [isJumpOpen, setJumpOpen] = useState(false);

  const shown = useShownFilter(filter, findState);
  const { source, snapshot, isSwitching } = useLogSource(
    { jobRunId, baseUrl, transport, initial, windowLines },
    shown.parameters,
    shown.context,
  );
  const { window: held, stream } = snapshot;

  const [wrap, setWrap] = usePreference('wrap', ['on', 'off'], 'on');
  const [time, setTime] = usePreference('time', TIMES, 'off');
  const { selection, target, landmark, select, clear } = useLineHash(permalinks);
  const place = usePlace(source, snapshot, target, autoScroll);
  const [sight] = useState(() => new SightStore());
  const section = useRef<HTMLElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const filterRef = useRef<HTMLInputElement>(null);
  const findRef = useRef<HTMLInputElement>(null);
  const hold = useHold(scroller);
  const isFollowing = place.isFollowing && hold === undefined;
  const listId = useId();

  useEffect(() => source.setFollowing(isFollowing), [source, isFollowing]);

  const { goTo } = place;
  const find = useFind({
    jobRunId,
    baseUrl,
    state: findState,
    filter: shown.unsearched,
    passes: shown.passes,
    source,
    sight: sight.get,
    goTo,
  });
  const travel = useTravel({ jobRunId, baseUrl, filter: shown.unsearched, source, sight, place, select, landmark });

  const states = useMemo(() => new TerminalStates(), []);
  const { showsLine } = shown;
  const lines = useMemo(() => {
    states.follow(held.lines);
    return held.lines.filter((line) => showsLine(line, isSwitching));
  }, [held.lines, showsLine, states, isSwitching]);
  const marks = useMemo(() => new LineMarks([shown.query, find.query]), [shown.query, find.query]);
  const hits = useMemo(() => find.query && new LineMarks([find.query]), [find.query]);
  const isHit = useMemo(() => hits && ((line: LogMessage) => (hits.of(line)?.length ?? 0) > 0), [hits]);
  const { rows, onFold, folds } = useRows(lines, {
    snapshot,
    filter: shown.filter,
    tasks,
    status,
    isHit,
    isFollowing,
    setFollowing: place.setFollowing,
    selection,
    goal: place.scrollTo,
  });
  const labelChars = useMemo(
    () => tasks.reduce((most, task) => Math.max(most, Math.min(task.task_name.length, LABEL_CHARS_MAX)), 6),
    [tasks],
  );
  const structured = useStructured(held.lines, filter, setFilter, heldColumns, onColumnsChange);
  const { expansion, onAddTerm, columns } = structured;
  const hasTasks = useMemo(() => new Set(tasks.map((task) => task.task_name)).size > 1, [tasks]);
  const linkBase = permalinks ? '' : `${baseUrl ?? ''}/job-runs/${encodeURIComponent(jobRunId)}`;
  const options = useMemo<RowOptions>(
    () => ({
      wrap: wrap === 'on',
      time,
      anchorOf: (line) => ({ number: line.id, href: `${linkBase}#L${line.id}` }),
      labelOf: hasTasks ? (line) => (line.task_name === undefined ? undefined : { text: line.task_name }) : undefined,
      onSelect: permalinks ? select : undefined,
      expansion,
      onAddTerm,
      columns,
    }),
    [wrap, time, hasTasks, linkBase, permalinks, select, expansion, onAddTerm, columns],
  );

  // A run that was over and is running again has further lines.
  useEffect(() => {
    if (status === 'running' && stream.kind === 'ended') source.reconnect();
  }, [status, stream.kind, source]);

  const isPageable = !isSwitching && snapshot.pageError === undefined;
  const loadOlder = useCallback(() => source.loadOlder(), [source]);
  const loadNewer = useCallback(() => source.loadNewer(), [source]);

  const openFind = () => {
    setFindOpen(true);
    // The bar may be there already, or only after the next render.
    requestAnimationFrame(() => findRef.current?.select());
  };
  const closeFind = () => {
    setFindOpen(false);
    setFindState({ ...findState, text: '', isOnly: false });
    scroller.current?.focus();
  };
  const toggleFollow = () => (place.isFollowing ? place.setFollowing(false) : place.goToNewest());
  const stepLine = (step: 1 | -1) => {
    const line = neighbour(lines, selection?.first ?? sight.get()?.middle ?? 0, step);
    if (line === undefined || !permalinks) return;
    select(line, false);
    goTo(line, 'auto');
  };

  useViewerKeys(
    section,
    {
      '/': openFind,
      'mod+f': openFind,
      n: () => find.step(1),
      'shift+n': () => find.step(-1),
      f: toggleFollow,
      g: () => goTo(snapshot.first, 'start'),
      'shift+g': place.goToNewest,
      home: () => goTo(snapshot.first, 'start'),
      end: place.goToNewest,
      'mod+g': () => setJumpOpen(true),
      ':': () => setJumpOpen(true),
      e: () => travel.step('error', 1),
      'shift+e': () => travel.step('error', -1),
      x: () => travel.step('warn', 1),
      'shift+x': () => travel.step('warn', -1),
      w: () => setWrap(wrap === 'on' ? 'off' : 'on'),
      t: () => setTime(TIMES[(TIMES.indexOf(time) + 1) % TIMES.length] ?? 'off'),
      j: () => stepLine(1),
      k: () => stepLine(-1),
      ...(selection && { escape: clear }),
    },
    permalinks,
  );

  const isAway = !isFollowing && snapshot.isLoaded && (held.unseen > 0 || !held.atNewest || !autoScroll);
  const digits = Math.max(3, String(Math.max(snapshot.newest, 1)).length);
  const style: CSSProperties & { '--digits': number; '--label': number } = {
    height,
    '--digits': digits,
    '--label': labelChars,
  };

  return (
    <section
      ref={section}
      aria-label="Log"
      className={classNames('log-viewer relative flex flex-col overflow-hidden rounded-lg border bg-canvas', className)}
      style={style}
    >
      <ViewerToolbar
        filter={filter}
        onFilterChange={setFilter}
        levelCounts={levelCounts}
        tasks={tasks}
        view={{ wrap: wrap === 'on', setWrap: (on) => setWrap(on ? 'on' : 'off'), time, setTime, folds }}
        searchRef={filterRef}
        fault={shown.fault}
        onFind={openFind}
        onJump={() => setJumpOpen(true)}
      >
        <ConnectionState stream={stream} status={status} isFollowing={isFollowing} onRetry={() => source.reconnect()} />
        {structured.isOffered && (
          <ColumnChooser lines={held.lines} columns={columns} onColumnsChange={structured.setColumns} />
        )}
      </ViewerToolbar>
      <div className="log-body relative" style={structured.style} data-columns={columns.length || undefined}>
        {columns.length > 0 && <ColumnHead columns={columns} />}
        {isFindOpen && (
          <FindBar
            find={find}
            state={findState}
            onChange={setFindState}
            newest={snapshot.newest}
            inputRef={findRef}
            onClose={closeFind}
          />
        )}
        {isJumpOpen && (
          <JumpPanel
            context={() => ({ ...travel.jumpContext(), startedAt, isUtc: time === 'utc' })}
            onJump={travel.jump}
            onClose={() => {
              setJumpOpen(false);
              scroller.current?.focus();
            }}
          />
        )}
        <LogList
          label={`Lines of run ${jobRunId}`}
          id={listId}
          scroller={scroller}
          lines={lines}
          rows={rows}
          onFold={onFold}
          states={states}
          marks={marks}
          hit={find.current ?? travel.stepped}
          selection={selection}
          options={options}
          isFollowing={isFollowing}
          canFollow={autoScroll && held.atNewest}
          onFollowingChange={place.setFollowing}
          onNearStart={isPageable ? loadOlder : undefined}
          onNearEnd={isPageable ? loadNewer : undefined}
          scrollTo={place.scrollTo}
          onReached={place.onReached}
          isFull={held.isFull}
          onInSight={travel.noteSight}
          head={
            <HeadNotice
              snapshot={snapshot}
              isFiltered={isFiltering(filter) || findState.isOnly}
              isSwitching={isSwitching}
              onLoadOlder={loadOlder}
            />
          }
          foot={
            <ViewerFoot
              snapshot={snapshot}
              filter={filter}
              shown={lines.length}
              missing={place.missing}
              startedAt={startedAt}
            />
          }
          overlay={isAway && <JumpBar unseen={held.unseen} hold={hold} onJump={place.goToNewest} />}
        />
        <ViewerScrollbar
          sight={sight}
          snapshot={snapshot}
          isFollowing={isFollowing}
          hits={find.snapshot?.hits ?? NO_HITS}
          selected={selection?.first}
          scroller={() => scroller.current}
          controls={listId}
          onGoTo={(line) => goTo(line, 'start')}
          onGoToNewest={place.goToNewest}
        />
        <p role="status" className="log-notice empty:hidden">
          {travel.notice}
        </p>
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
