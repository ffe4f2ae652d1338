'use client';

import { CornerDownRight, Search, Settings2, X } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { formatCompact } from '@/components/format/quantity';
import { Button } from '@/components/ui/button';
import { classNames } from '@/components/ui/class-names';
import { Menu, MenuChoices, MenuLabel, MenuSeparator, MenuSwitch } from '@/components/ui/menu';
import { LEVELS, type Level, type LevelCounts } from '@/lib/protocol/log-message';
import { FilterFault, FilterField } from './filter/filter-field';
import { FilterMenu, type RunFilterOptions } from './filter/filter-menu';
import { toggled } from './filter/filter-options';
import { TIME_STYLE_TEXTS, type TimeStyle } from './log-time';
import { FoldMenu, type FoldOptions } from './rows/fold-menu';
import type { TextFault } from './use-text-query';
import { isFiltering, NO_FILTER, type ViewerFilter } from './viewer-filter';

const LEVEL_ORDER = [...LEVELS].sort((a, b) => rank(a) - rank(b));
const LEVEL_DOTS: Record<Level, string> = {
  error: 'bg-danger',
  warn: 'bg-warning',
  info: 'bg-accent',
  debug: 'bg-fg-faint',
};

function rank(level: Level): number {
  return ['error', 'warn', 'info', 'debug'].indexOf(level);
}

export interface ViewOptions {
  wrap: boolean;
  setWrap: (wrap: boolean) => void;
  time: TimeStyle;
  setTime: (time: TimeStyle) => void;
  /** New lines are told to screen readers. */
  announce?: boolean;
  setAnnounce?: (announce: boolean) => void;
  /** Without them lines are not folded. */
  folds?: FoldOptions;
  timeStyles: readonly TimeStyle[];
  /** Absent where there is no histogram to show. */
  histogram?: { isShown: boolean; setShown: (isShown: boolean) => void } | undefined;
}

/** Above the lines: what to look for, how to show it, and how the stream is doing. */
export function ViewerToolbar({
  filter,
  onFilterChange,
  levelCounts,
  run,
  view,
  fault,
  onFind,
  onJump,
  children,
}: {
  filter: ViewerFilter;
  onFilterChange: (filter: ViewerFilter) => void;
  levelCounts: LevelCounts | undefined;
  /** What there is to filter by in a run. */
  run?: RunFilterOptions | undefined;
  view: ViewOptions;
  /** What is wrong with the text that is looked for. */
  fault?: TextFault | undefined;
  onFind?: (() => void) | undefined;
  onJump?: (() => void) | undefined;
  /** At the right end. */
  children: ReactNode;
}) {
  const faultId = useId();
  return (
    <div className="viewer-toolbar flex flex-wrap items-center gap-x-2 gap-y-1.5 border-b bg-canvas px-2 py-1.5">
      <FilterField
        className="flex-1 basis-40 sm:max-w-64"
        value={filter.text}
        onChange={(text) => onFilterChange({ ...filter, text })}
        isCaseSensitive={filter.isCaseSensitive === true}
        onCaseChange={(isCaseSensitive) => onFilterChange({ ...filter, isCaseSensitive })}
        fault={fault}
        faultId={faultId}
      />
      <fieldset className="order-4 flex items-center gap-0.5 sm:order-none" aria-label="Levels">
        {LEVEL_ORDER.map((level) => (
          <button
            key={level}
            type="button"
            aria-pressed={filter.levels.includes(level)}
            onClick={() => onFilterChange({ ...filter, levels: toggled(filter.levels, level) })}
            className={classNames(
              'inline-flex h-7 items-center gap-1.5 rounded-md border border-transparent px-1.5 text-fg-muted text-xs hover:bg-hover hover:text-fg',
              'aria-pressed:border-edge-strong aria-pressed:bg-hover aria-pressed:text-fg',
            )}
          >
            <span aria-hidden className={classNames('size-1.5 rounded-full', LEVEL_DOTS[level])} />
            {level}
            {levelCounts && <span className="text-fg-faint tabular-nums">{formatCompact(levelCounts[level])}</span>}
          </button>
        ))}
      </fieldset>
      <FilterMenu filter={filter} onFilterChange={onFilterChange} run={run} />
      {isFiltering(filter) && (
        <Button
          look="quiet"
          square
          aria-label="Clear all filters"
          title="Clear all filters"
          onClick={() => onFilterChange(NO_FILTER)}
        >
          <X aria-hidden />
        </Button>
      )}
      <div className="order-5 ml-auto flex items-center gap-1 sm:order-none">{children}</div>
      {onFind && (
        <Button look="quiet" square aria-label="Search" title="Search all lines (/)" onClick={onFind}>
          <Search aria-hidden />
        </Button>
      )}
      {onJump && (
        <Button look="quiet" square aria-label="Jump to" title="Jump to a line or time (:)" onClick={onJump}>
          <CornerDownRight aria-hidden />
        </Button>
      )}
      <Menu
        trigger={
          <Button look="quiet" square aria-label="View" title="View">
            <Settings2 aria-hidden />
          </Button>
        }
      >
        <MenuSwitch checked={view.wrap} onChange={view.setWrap}>
          Wrap long lines
        </MenuSwitch>
        {view.setAnnounce && (
          <MenuSwitch checked={view.announce === true} onChange={view.setAnnounce}>
            Announce new lines
          </MenuSwitch>
        )}
        {view.folds && <FoldMenu {...view.folds} />}
        {view.histogram && (
          <MenuSwitch checked={view.histogram.isShown} onChange={view.histogram.setShown}>
            Lines over time
          </MenuSwitch>
        )}
        <MenuSeparator />
        <MenuLabel>Times</MenuLabel>
        <MenuChoices
          value={view.time}
          onChange={view.setTime}
          choices={view.timeStyles.map((value) => ({ value, label: TIME_STYLE_TEXTS[value] }))}
        />
      </Menu>
      {fault && <FilterFault id={faultId} fault={fault} />}
    </div>
  );
}
