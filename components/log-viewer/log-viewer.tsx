'use client';

import { useCallback, useEffect, useId, useMemo, useRef, useState } from 'react';
import { classNames } from '@/components/ui/class-names';
import { useIsHydrated } from '@/components/ui/now';
import { LogStreamingService } from '@/lib/client/log-streamer';
import { NO_FIND } from '@/lib/protocol/find-term';
import type { LogMessage } from '@/lib/protocol/log-message';
import { runPagePath } from '@/lib/protocol/run-page-path';
import { useHighlights } from './filter/use-highlights';
import { FindBar } from './find/find-bar';
import { hitTest } from './find/hit-test';
import { useFind } from './find/use-find';
import { useFindPanel } from './find/use-find-panel';
import { useShownFilter } from './find/use-shown-filter';
import { JumpPanel } from './jump/jump-panel';
import { LineAnnouncer } from './line-announcer';
import { LineMarks } from './line-marks';
import { LogList } from './log-list';
import { timeChars, zoneOf } from './log-time';
import { LogTimeTip } from './log-time-tip';
import type { LogViewerProps } from './log-viewer-props';
import { lineStepper } from './rows/line-stepper';
import { useRows } from './rows/use-rows';
import { ViewerScrollbar } from './scrollbar/viewer-scrollbar';
import { CopyNotice } from './share/copy-notice';
import { fetchLinesOf, readLines } from './share/read-lines';
import { SelectionBar } from './share/selection-bar';
import { useNativeSelection } from './share/use-native-selection';
import { SightStore } from './sight-store';
import { ColumnHead } from './structured/column-head';
import { useStructured } from './structured/use-structured';
import { useBroughtIntoWindow } from './use-brought-into-window';
import { useFollowing } from './use-following';
import { useFrozen } from './use-frozen';
import { useHeldState } from './use-held-state';
import { useIsPageable } from './use-is-pageable';
import { useKnownRun } from './use-known-run';
import { useLineHash } from './use-line-hash';
import { useListEnds } from './use-list-ends';
import { useLogSource } from './use-log-source';
import { usePlace } from './use-place';
import { useRowOptions } from './use-row-options';
import { useRunCounts } from './use-run-counts';
import { useShownLines } from './use-shown-lines';
import { useStableCallback } from './use-stable-callback';
import { useToolbarCollapse } from './use-toolbar-collapse';
import { useTravel } from './use-travel';
import { nextTimeStyle, useViewPreferences } from './use-view-preferences';
import { useViewerCommands } from './use-viewer-commands';
import { useViewerQueries } from './use-viewer-queries';
import { isFiltering, NO_FILTER } from './viewer-filter';
import { ViewerHead } from './viewer-head';
import { viewerStyle } from './viewer-style';

const NO_HITS: readonly number[] = [];
const NO_LINES: readonly LogMessage[] = [];
const NO_HIGHLIGHTS: readonly string[] = [];

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
  openAt: givenPlace,
  status: givenStatus,
  startedAt: givenStart,
  levelCounts: givenCounts,
  tasks: givenTasks,
  filter: heldFilter,
  onFilterChange,
  find: heldFind,
  onFindChange,
  columns: heldColumns,
  onColumnsChange,
  highlights: heldHighlights,
  onHighlightsChange,
  permalinks = false,
  onSelectionChange,
  className,
}: LogViewerProps) {
  const [filter, setFilter] = useHeldState(heldFilter, onFilterChange, NO_FILTER);
  const [findState, setFindState] = useHeldState(heldFind, onFindChange, NO_FIND);
  const [isJumpOpen, setJumpOpen] = useState(false);

  const [highlights, setHighlights] = useHeldState(heldHighlights, onHighlightsChange, NO_HIGHLIGHTS);
  const view = useViewPreferences();
  const { time } = view;
  const client = useViewerQueries();
  const known = useKnownRun(jobRunId, baseUrl, client, {
    status: givenStatus,
    startedAt: givenStart,
    levelCounts: givenCounts,
    tasks: givenTasks,
    openAt: givenPlace,
  });
  const { tasks, status } = known;
  const counts = useRunCounts(jobRunId, baseUrl, client, known, time === 'elapsed' && known.startedAt === undefined);
  const startedAt = known.startedAt ?? counts.oldest;

  const shown = useShownFilter(filter, findState, counts.attemptOf);
  const { source, snapshot, isSwitching } = useLogSource(
    { jobRunId, baseUrl, transport, initial, windowLines },
    shown.parameters,
    shown.around,
    shown.isPending,
  );
  const { window: held, stream } = snapshot;
  const { note } = known;
  const [isThere, hasLines] = [snapshot.isLoaded, held.lines.length > 0];
  useEffect(() => note({ isThere, hasLines, stream: stream.kind }), [note, isThere, hasLines, stream.kind]);

  const { selection, target, landmark, select, clear } = useLineHash(permalinks, linked);
  const place = usePlace(source, snapshot, { target, openAt: known.openAt, autoScroll, hasAddress: permalinks });
  const [sight] = useState(() => new SightStore());
  const section = useRef<HTMLElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const findPanel = useFindPanel(findState, setFindState, () => scroller.current?.focus());
  const listId = useId();

  const { goTo, missing } = place;
  const find = useFind({
    jobRunId,
    baseUrl,
    state: findState,
    compiled: shown.search,
    filter: shown.unsearched,
    passes: shown.passes,
    source,
    sight: sight.get,
    goTo,
  });
  const travel = useTravel({
    jobRunId,
    baseUrl,
    filter: shown.unsearched,
    source,
    sight,
    place,
    select: permalinks ? select : undefined,
    landmark,
    startedAt,
    isUtc: time === 'utc',
  });

  const { lines, states, shownLines } = useShownLines(held.lines, shown, isSwitching);
  const highlight = useHighlights(highlights);
  const marks = useMemo(
    () => new LineMarks([shown.query, find.query], highlight),
    [shown.query, find.query, highlight],
  );
  const isHit = useMemo(() => find.query && hitTest(find.query), [find.query]);
  const listRef = useRef<HTMLDivElement>(null);
  const native = useNativeSelection(listRef, {
    lines,
    whole: { first: snapshot.first, last: snapshot.newest },
    isHeld: ({ first, last }) => first > held.after && last <= held.through,
    read: (range) =>
      readLines(range, lines, fetchLinesOf(new LogStreamingService(baseUrl), jobRunId, source.parameters)),
  });
  const isCollapsed = useToolbarCollapse(scroller);
  const { hold, isFollowing, goToNewest } = useFollowing(source, place, scroller, native.kind !== undefined);

  // What an unfinished line stands below may not grow while its text is selected, unless the reader goes elsewhere.
  const isStill = native.kind === 'unfinished' && !place.isGoing && !isSwitching;
  const standing = useFrozen(lines, isStill);
  const { rows, onFold, folds } = useRows(standing, {
    run: counts.run,
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
  const isNarrow = isFiltering(shown.filter);
  const showInContext = useStableCallback((line: number) => {
    setFilter(NO_FILTER);
    setFindState({ ...findState, isOnly: false });
    place.goToAcross(line);
  });
  const structured = useStructured(held.lines, filter, setFilter, heldColumns, onColumnsChange);
  const { columns } = structured;
  const { options, labelChars } = useRowOptions({
    wrap: view.wrap,
    time,
    startedAt,
    shownLines,
    tasks,
    linkBase: permalinks ? '' : `${baseUrl ?? ''}${runPagePath(jobRunId)}`,
    onSelect: permalinks ? select : undefined,
    onShowInContext: isNarrow ? showInContext : undefined,
    structured,
  });

  useEffect(() => onSelectionChange?.(selection), [selection, onSelectionChange]);
  // A run that was over and is running again has further lines.
  useEffect(() => {
    if (givenStatus === 'running' && stream.kind === 'ended') source.reconnect();
  }, [givenStatus, stream.kind, source]);

  const isPageable = useIsPageable(snapshot) && !isSwitching && !isStill;

  // The server does not know the reader's zone.
  const zone = useIsHydrated() ? zoneOf(time) : 'utc';
  const toggleFollow = () => (place.isFollowing ? place.setFollowing(false) : goToNewest());
  const stepLine = permalinks ? lineStepper(rows, { selection, select, sight, goTo }) : () => undefined;

  const changeFilter = useStableCallback(setFilter);
  const changeHighlights = useStableCallback(setHighlights);
  const changeColumns = useStableCallback(structured.setColumns);
  const openFind = useStableCallback(findPanel.open);
  const openJump = useCallback(() => setJumpOpen(true), []);
  const jumpToTime = useStableCallback(travel.jumpToTime);

  useViewerCommands(
    section,
    {
      search: findPanel.open,
      'next-match': () => find.step(1),
      'previous-match': () => find.step(-1),
      'next-error': () => travel.step('error', 1),
      'previous-error': () => travel.step('error', -1),
      'show-in-context': () => {
        const line = find.current ?? travel.stepped ?? selection?.first ?? sight.get()?.middle;
        if (isNarrow && line !== undefined) showInContext(line);
      },
      'next-warning': () => travel.step('warn', 1),
      'previous-warning': () => travel.step('warn', -1),
      goto: openJump,
      'first-line': () => goTo(snapshot.first, 'start'),
      'last-line': goToNewest,
      'next-line': () => stepLine(1),
      'previous-line': () => stepLine(-1),
      'select-more': () => stepLine(1, true),
      'select-less': () => stepLine(-1, true),
      follow: toggleFollow,
      wrap: () => view.setWrap(!view.wrap),
      time: () => view.setTime(nextTimeStyle(time)),
    },
    { page: permalinks, goTo: travel.jumpToText, search: findPanel.searchFor },
  );

  useBroughtIntoWindow(listRef, target, permalinks && known.openAt !== undefined);

  const isAway = !isFollowing && snapshot.isLoaded && (held.unseen > 0 || !held.atNewest || !autoScroll);
  const { head, foot, overlay } = useListEnds({
    snapshot,
    source,
    isFiltered: isNarrow,
    isSwitching,
    isAway,
    isHeld: isStill,
    hold,
    onJump: goToNewest,
    filter: shown,
    shown: lines.length,
    states,
    missing,
    options,
    depth: rows.depthBehind,
  });
  const style = viewerStyle({
    height,
    newest: snapshot.newest,
    timeChars: timeChars(shownLines.hasMicroseconds),
    labelChars,
  });

  return (
    <section
      ref={section}
      aria-label="Log"
      className={classNames('log-viewer relative flex flex-col overflow-hidden rounded-lg border bg-canvas', className)}
      style={style}
      data-collapsed={isCollapsed ? '' : undefined}
    >
      <ViewerHead
        isOfPage={permalinks}
        filter={filter}
        onFilterChange={changeFilter}
        fault={shown.fault}
        levelCounts={known.levelCounts}
        tasks={tasks}
        counts={counts}
        zone={zone}
        highlights={highlights}
        onHighlightsChange={changeHighlights}
        view={view}
        folds={folds}
        source={source}
        sight={sight}
        status={status}
        isFollowing={isFollowing}
        columns={columns}
        onColumnsChange={structured.isOffered ? changeColumns : undefined}
        onFind={openFind}
        onJump={openJump}
        onJumpToTime={jumpToTime}
      />
      <div ref={listRef} className="relative flex min-h-0 flex-1 flex-col">
        <LogTimeTip container={listRef} shown={shownLines} startedAt={startedAt} />
        <div className="log-frame relative" style={structured.style} data-columns={columns.length || undefined}>
          {columns.length > 0 && <ColumnHead columns={columns} />}
          {findPanel.isOpen && (
            <FindBar
              find={find}
              state={findState}
              onChange={setFindState}
              newest={snapshot.newest}
              inputRef={findPanel.inputRef}
              onClose={findPanel.close}
            />
          )}
          {isJumpOpen && (
            <JumpPanel
              context={travel.jumpContext}
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
            lines={standing}
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
            onNearStart={isPageable ? source.loadOlder : undefined}
            onNearEnd={isPageable ? source.loadNewer : undefined}
            pages={snapshot.pages}
            scrollTo={place.scrollTo}
            onReached={place.onReached}
            isFull={held.isFull}
            onInSight={travel.noteSight}
            keepMounted={native.keepMounted}
            head={head}
            foot={foot}
            overlay={overlay}
          />
          <ViewerScrollbar
            sight={sight}
            snapshot={snapshot}
            isFollowing={isFollowing}
            hits={find.snapshot?.hits ?? NO_HITS}
            selected={selection?.first}
            scroller={() => scroller.current}
            controls={listId}
            isGoing={place.isGoing}
            onGoTo={(line) => goTo(line, 'start')}
            onGoToNewest={goToNewest}
          />
          {view.announce && <LineAnnouncer source={source} />}
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
            at={lines.find(({ id }) => id === selection.first)?.timestamp}
            zone={zone}
            held={Object.keys(source.filter).length === 0 ? held.lines : NO_LINES}
            onClear={clear}
            onShowInContext={isNarrow ? () => showInContext(selection.first) : undefined}
          />
        )}
      </div>
    </section>
  );
}

export default LogViewer;
