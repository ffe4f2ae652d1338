'use client';

import { type CSSProperties, useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { classNames } from '@/components/ui/class-names';
import { LogStreamingService } from '@/lib/client/log-streamer';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { TaskRun } from '@/lib/protocol/run';
import { ConnectionState } from './connection-state';
import { FindBar } from './find/find-bar';
import { NO_FIND } from './find/find-state';
import { useFind } from './find/use-find';
import { useShownFilter } from './find/use-shown-filter';
import { JumpPanel } from './jump/jump-panel';
import { parseJump } from './jump/jump-target';
import { LineAnnouncer } from './line-announcer';
import { LineMarks } from './line-marks';
import { LogList } from './log-list';
import type { RowOptions } from './log-row';
import type { LogViewerProps } from './log-viewer-props';
import type { RowList } from './rows/row';
import { useRows } from './rows/use-rows';
import { ViewerScrollbar } from './scrollbar/viewer-scrollbar';
import { CopyNotice } from './share/copy-notice';
import { fetchLinesOf, readLines } from './share/read-lines';
import { SelectionBar } from './share/selection-bar';
import { useNativeSelection } from './share/use-native-selection';
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
import { useToolbarCollapse } from './use-toolbar-collapse';
import { useTravel } from './use-travel';
import { useViewerCommands } from './use-viewer-commands';
import { isFiltering, NO_FILTER } from './viewer-filter';
import { ViewerFoot } from './viewer-foot';
import { ViewerToolbar } from './viewer-toolbar';
import { HeadNotice, JumpBar } from './window-notices';

/** Characters of the column of task names. */
const LABEL_CHARS_MAX = 22;
const NO_TASKS: readonly TaskRun[] = [];
const NO_HITS: readonly number[] = [];
const TIMES = ['off', 'local', 'utc'] as const;
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
  windowLines,
  initial,
  linked,
  openAt,
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
  const [announce, setAnnounce] = usePreference('announce', ['on', 'off'], 'on');
  const { selection, target, landmark, select, clear } = useLineHash(permalinks, linked);
  const place = usePlace(source, snapshot, { target, openAt, autoScroll });
  const [sight] = useState(() => new SightStore());
  const section = useRef<HTMLElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const filterRef = useRef<HTMLInputElement>(null);
  const findRef = useRef<HTMLInputElement>(null);
  const listId = useId();

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
  const listRef = useRef<HTMLDivElement>(null);
  const native = useNativeSelection(listRef, {
    lines,
    whole: { first: snapshot.first, last: snapshot.newest },
    isHeld: ({ first, last }) => first > held.after && last <= held.through,
    read: (range) => readLines(range, lines, fetchLinesOf(new LogStreamingService(baseUrl), jobRunId, source.filter)),
  });
  const isCollapsed = useToolbarCollapse(scroller);
  const hold = useHold(scroller, native.isSelecting);
  const isFollowing = place.isFollowing && hold === undefined;
  useEffect(() => source.setFollowing(isFollowing), [source, isFollowing]);

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

  const isNarrow = isFiltering(shown.filter);
  const isPageable = !isSwitching && snapshot.pageError === undefined;
  const loadOlder = useCallback(() => source.loadOlder(), [source]);
  const loadNewer = useCallback(() => source.loadNewer(), [source]);

  const jumpContext = () => ({ ...travel.jumpContext(), startedAt, isUtc: time === 'utc' });
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
  const searchFor = (text: string) => {
    setFindState({ ...findState, text });
    openFind();
  };
  const goToText = (text: string) => {
    const target = parseJump(text, jumpContext());
    if (target) void travel.jump(target).then((problem) => problem !== undefined && travel.tell(problem));
  };
  const showInContext = () => {
    const line = selection?.first;
    setFilter(NO_FILTER);
    setFindState({ ...findState, isOnly: false });
    if (line !== undefined) goTo(line);
  };
  const toggleFollow = () => (place.isFollowing ? place.setFollowing(false) : place.goToNewest());
  const stepLine = (step: 1 | -1) => {
    const line = neighbour(rows, selection?.first ?? sight.get()?.middle ?? 0, step);
    if (line === undefined || !permalinks) return;
    select(line, false);
    goTo(line, 'auto');
  };

  useViewerCommands(
    section,
    {
      search: openFind,
      'next-match': () => find.step(1),
      'previous-match': () => find.step(-1),
      'next-error': () => travel.step('error', 1),
      'previous-error': () => travel.step('error', -1),
      'next-warning': () => travel.step('warn', 1),
      'previous-warning': () => travel.step('warn', -1),
      goto: () => setJumpOpen(true),
      'first-line': () => goTo(snapshot.first, 'start'),
      'last-line': place.goToNewest,
      'next-line': () => stepLine(1),
      'previous-line': () => stepLine(-1),
      follow: toggleFollow,
      wrap: () => setWrap(wrap === 'on' ? 'off' : 'on'),
      time: () => setTime(TIMES[(TIMES.indexOf(time) + 1) % TIMES.length] ?? 'off'),
    },
    { page: permalinks, goTo: goToText, search: searchFor },
  );

  // On a small screen the page scrolls too: an address that names lines brings the log into it.
  useEffect(() => {
    if (target) listRef.current?.scrollIntoView({ block: 'nearest' });
  }, [target]);

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
      data-collapsed={isCollapsed ? '' : undefined}
    >
      <ViewerToolbar
        filter={filter}
        onFilterChange={setFilter}
        levelCounts={levelCounts}
        tasks={tasks}
        view={{
          wrap: wrap === 'on',
          setWrap: (on) => setWrap(on ? 'on' : 'off'),
          time,
          setTime,
          folds,
          announce: announce === 'on',
          setAnnounce: (on) => setAnnounce(on ? 'on' : 'off'),
        }}
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
      <div ref={listRef} className="relative flex min-h-0 flex-1 flex-col">
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
              context={jumpContext}
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
            keepMounted={native.keepMounted}
            head={
              <HeadNotice snapshot={snapshot} isFiltered={isNarrow} isSwitching={isSwitching} onLoadOlder={loadOlder} />
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
          {announce === 'on' && <LineAnnouncer source={source} />}
          <p role="status" className="log-notice empty:hidden">
            {travel.notice}
          </p>
        </div>
        <CopyNotice text={native.notice} />
        {selection && (
          <SelectionBar
            jobRunId={jobRunId}
            jobName={jobName}
            baseUrl={baseUrl}
            selection={selection}
            held={Object.keys(source.filter).length === 0 ? held.lines : NO_LINES}
            onClear={clear}
            onShowInContext={isNarrow ? showInContext : undefined}
          />
        )}
      </div>
    </section>
  );
}

/** The number of the line beside another one, among those that have a row. */
function neighbour(rows: RowList, id: number, step: 1 | -1): number | undefined {
  const index = rows.indexOf(id);
  return rows.items[index === -1 ? rows.items.length - 1 : index + step]?.line.id;
}

export default LogViewer;
