'use client';

import { memo, useMemo, useSyncExternalStore } from 'react';
import type { Zone } from '@/components/format/instant';
import type { LevelCounts } from '@/lib/protocol/log-message';
import type { Status, TaskRun } from '@/lib/protocol/run';
import { ConnectionState } from './connection-state';
import { FilterChips } from './filter/filter-chips';
import { RunVolume } from './histogram/run-volume';
import type { LogSource } from './log-source';
import type { FoldOptions } from './rows/fold-menu';
import type { SightStore } from './sight-store';
import { ColumnChooser } from './structured/column-chooser';
import type { RunCounts } from './use-run-counts';
import type { TextFault } from './use-text-query';
import { useViewActions } from './use-view-actions';
import type { ViewPreferences } from './use-view-preferences';
import { setFilter as setsOf, type ViewerFilter } from './viewer-filter';
import { ViewerToolbar } from './viewer-toolbar';

export interface ViewerHeadProps {
  /** The log is the page's own: the palette has what can be done here. */
  isOfPage: boolean;
  filter: ViewerFilter;
  onFilterChange: (filter: ViewerFilter) => void;
  fault: TextFault | undefined;
  levelCounts: LevelCounts | undefined;
  tasks: readonly TaskRun[];
  counts: RunCounts;
  zone: Zone;
  highlights: readonly string[];
  onHighlightsChange: (highlights: string[]) => void;
  view: ViewPreferences;
  folds: FoldOptions;
  source: LogSource;
  sight: SightStore;
  status: Status | undefined;
  isFollowing: boolean;
  columns: readonly string[];
  /** Absent where there is nothing to choose columns of. */
  onColumnsChange: ((columns: string[]) => void) | undefined;
  onFind: () => void;
  onJump: () => void;
  onJumpToTime: (iso: string) => void;
}

/** All that is above a run's lines. Arriving lines do not render it anew: it is far larger than they are. */
export const ViewerHead = memo(function ViewerHead({
  isOfPage,
  filter,
  onFilterChange,
  fault,
  levelCounts,
  tasks,
  counts,
  zone,
  highlights,
  onHighlightsChange,
  view,
  folds,
  source,
  sight,
  status,
  isFollowing,
  columns,
  onColumnsChange,
  onFind,
  onJump,
  onJumpToTime,
}: ViewerHeadProps) {
  const sets = useMemo(() => setsOf(filter), [filter]);
  useViewActions({ isOffered: isOfPage, filter, onFilterChange, view, folds });
  return (
    <>
      <ViewerToolbar
        filter={filter}
        onFilterChange={onFilterChange}
        levelCounts={levelCounts}
        run={{
          tasks,
          facets: counts.facets,
          newest: counts.newest,
          zone,
          highlights,
          onHighlightsChange,
          onOpenChange: counts.setMenuOpen,
        }}
        view={{ ...view, folds }}
        fault={fault}
        onFind={onFind}
        onJump={onJump}
      >
        <SourceState source={source} status={status} isFollowing={isFollowing} />
        {onColumnsChange && (
          <ColumnChooser
            readLines={() => source.store.getSnapshot().window.lines}
            columns={columns}
            onColumnsChange={onColumnsChange}
          />
        )}
      </ViewerToolbar>
      <FilterChips
        filter={filter}
        onFilterChange={onFilterChange}
        tasks={counts.tasks}
        zone={zone}
        highlights={highlights}
        onHighlightsChange={onHighlightsChange}
      />
      {view.histogram.isShown && (
        <RunVolume
          run={counts.run}
          sets={sets}
          range={filter}
          sight={sight}
          zone={zone}
          client={counts.client}
          onJump={onJumpToTime}
          onRange={({ from, to }) => onFilterChange({ ...filter, from, to })}
        />
      )}
    </>
  );
});

function SourceState({
  source,
  status,
  isFollowing,
}: {
  source: LogSource;
  status: Status | undefined;
  isFollowing: boolean;
}) {
  const { subscribe, getSnapshot } = source.store;
  const { stream } = useSyncExternalStore(subscribe, getSnapshot, getSnapshot);
  return (
    <ConnectionState stream={stream} status={status} isFollowing={isFollowing} onRetry={() => source.reconnect()} />
  );
}
