'use client';

import { CornerDownRight, ListFilter, Search, Settings2, X } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import { formatCompact } from '@/components/format/quantity';
import { Button } from '@/components/ui/button';
import { classNames } from '@/components/ui/class-names';
import { Menu, MenuChoices, MenuLabel, MenuSeparator, MenuSwitch } from '@/components/ui/menu';
import { SearchField } from '@/components/ui/search-field';
import { LEVELS, type Level, type LevelCounts, STREAMS } from '@/lib/protocol/log-message';
import type { TaskRun } from '@/lib/protocol/run';
import type { TimeStyle } from './log-time';
import { FoldMenu, type FoldOptions } from './rows/fold-menu';
import { isFiltering, NO_FILTER, type ViewerFilter } from './viewer-filter';

const LEVEL_ORDER = [...LEVELS].sort((a, b) => rank(a) - rank(b));
const LEVEL_DOTS: Record<Level, string> = {
  error: 'bg-danger',
  warn: 'bg-warning',
  info: 'bg-accent',
  debug: 'bg-fg-faint',
};
const STREAM_TEXTS = { stdout: 'stdout', stderr: 'stderr', system: 'System' } as const;

function rank(level: Level): number {
  return ['error', 'warn', 'info', 'debug'].indexOf(level);
}

/** The list with the value added, or taken out where it was in. */
function toggled<Value>(list: readonly Value[], value: Value): Value[] {
  return list.includes(value) ? list.filter((member) => member !== value) : [...list, value];
}

export interface ViewOptions {
  wrap: boolean;
  setWrap: (wrap: boolean) => void;
  time: TimeStyle;
  setTime: (time: TimeStyle) => void;
  /** Without them lines are not folded. */
  /** New lines are told to screen readers. */
  announce?: boolean;
  setAnnounce?: (announce: boolean) => void;
  folds?: FoldOptions;
}

/** Above the lines: what to look for, how to show it, and how the stream is doing. */
export function ViewerToolbar({
  filter,
  onFilterChange,
  levelCounts,
  tasks,
  view,
  searchRef,
  fault,
  onFind,
  onJump,
  children,
}: {
  filter: ViewerFilter;
  onFilterChange: (filter: ViewerFilter) => void;
  levelCounts: LevelCounts | undefined;
  tasks: readonly TaskRun[];
  view: ViewOptions;
  searchRef: Ref<HTMLInputElement>;
  /** What is wrong with the text that is looked for. */
  fault?: string | undefined;
  onFind?: (() => void) | undefined;
  onJump?: (() => void) | undefined;
  /** At the right end. */
  children: ReactNode;
}) {
  const chosen = filter.streams.length + filter.tasks.length;
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 border-b bg-canvas px-2 py-1.5">
      <SearchField
        ref={searchRef}
        label="Filter lines"
        className="flex-1 basis-40 sm:max-w-56"
        aria-invalid={fault !== undefined}
        title={'Words, "two words", -word, /regex/ or name:value'}
        value={filter.text}
        onChange={(event) => onFilterChange({ ...filter, text: event.target.value })}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onFilterChange({ ...filter, text: '' });
        }}
        onClear={filter.text === '' ? undefined : () => onFilterChange({ ...filter, text: '' })}
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
            {levelCounts && (
              <span className="hidden text-fg-faint tabular-nums sm:inline">{formatCompact(levelCounts[level])}</span>
            )}
          </button>
        ))}
      </fieldset>
      <Menu
        align="start"
        trigger={
          <Button
            look="quiet"
            square
            aria-label={chosen > 0 ? `Streams and tasks, ${chosen} chosen` : 'Streams and tasks'}
            title="Streams and tasks"
          >
            <ListFilter aria-hidden className={chosen > 0 ? 'text-accent' : undefined} />
          </Button>
        }
      >
        <MenuLabel>Streams</MenuLabel>
        {STREAMS.map((stream) => (
          <MenuSwitch
            key={stream}
            checked={filter.streams.includes(stream)}
            onChange={() => onFilterChange({ ...filter, streams: toggled(filter.streams, stream) })}
          >
            {STREAM_TEXTS[stream]}
          </MenuSwitch>
        ))}
        {tasks.length > 0 && <MenuSeparator />}
        {tasks.length > 0 && <MenuLabel>Tasks</MenuLabel>}
        <div className="max-h-64 overflow-y-auto">
          {tasks.map((task) => (
            <MenuSwitch
              key={task.id}
              checked={filter.tasks.includes(task.id)}
              onChange={() => onFilterChange({ ...filter, tasks: toggled(filter.tasks, task.id) })}
            >
              <span className="max-w-56 truncate">{task.task_name}</span>
              {task.attempt > 1 && <span className="text-fg-faint">attempt {task.attempt}</span>}
            </MenuSwitch>
          ))}
        </div>
      </Menu>
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
        <MenuSeparator />
        <MenuLabel>Times</MenuLabel>
        <MenuChoices
          value={view.time}
          onChange={view.setTime}
          choices={[
            { value: 'off', label: 'Hidden' },
            { value: 'local', label: 'Local' },
            { value: 'utc', label: 'UTC' },
          ]}
        />
      </Menu>
      {fault !== undefined && (
        <p role="alert" className="order-6 w-full px-1 text-danger text-xs">
          {`Filter: ${fault}`}
        </p>
      )}
    </div>
  );
}
