'use client';

import { SlidersHorizontal } from 'lucide-react';
import { Popover } from 'radix-ui';
import { useState } from 'react';
import type { Zone } from '@/components/format/instant';
import { formatCounted } from '@/components/format/quantity';
import { NO_FILTER, type ViewerFilter } from '@/components/log-viewer/viewer-filter';
import { Button } from '@/components/ui/button';
import { useNoteOpenMenu } from '@/components/ui/open-menus';
import type { Facets } from '@/lib/protocol/api';
import { STREAMS, type Stream } from '@/lib/protocol/log-message';
import type { TaskRun } from '@/lib/protocol/run';
import { attemptOptions, taskOptions, toggled } from './filter-options';
import { HighlightEditor } from './highlight-editor';
import { FilterGroup, FilterOption } from './option-list';
import { TimeRangeFields } from './time-range-fields';

export const STREAM_TEXTS: Record<Stream, string> = { stdout: 'stdout', stderr: 'stderr', system: 'System' };

/** What a filter menu offers beside streams, where lines are of one run. */
export interface RunFilterOptions {
  tasks: readonly TaskRun[];
  /** Lines of the whole run per option, once they were counted. */
  facets: Facets | undefined;
  /** The time of the run's newest line, where it is known. */
  newest: string | undefined;
  /** Of the times that are written. */
  zone: Zone;
  highlights: readonly string[];
  onHighlightsChange: (highlights: string[]) => void;
  /** Counts are wanted while it is open. */
  onOpenChange: (isOpen: boolean) => void;
}

export interface FilterMenuProps {
  filter: ViewerFilter;
  onFilterChange: (filter: ViewerFilter) => void;
  run?: RunFilterOptions | undefined;
}

/** How many restrictions the menu holds. */
function countInMenu({ streams, tasks, attempts, from, to }: ViewerFilter): number {
  return streams.length + tasks.length + attempts.length + (from === undefined && to === undefined ? 0 : 1);
}

/** Streams, tasks, attempts and the time range in one panel, each with its lines in the whole run; and what to highlight. */
export function FilterMenu({ filter, onFilterChange, run }: FilterMenuProps) {
  const chosen = countInMenu(filter);
  const [isOpen, setOpen] = useState(false);
  useNoteOpenMenu(isOpen);
  return (
    <Popover.Root
      onOpenChange={(open) => {
        setOpen(open);
        run?.onOpenChange(open);
      }}
    >
      <Popover.Trigger asChild>
        <Button
          look="quiet"
          aria-label={chosen > 0 ? `Filters, ${chosen} set` : 'Filters'}
          title="Streams, tasks, attempts, time, highlights"
          className="px-2"
        >
          <SlidersHorizontal aria-hidden className={chosen > 0 ? 'text-accent' : undefined} />
          <span className="hidden md:inline">Filters</span>
          {chosen > 0 && <span className="text-accent text-xs tabular-nums">{chosen}</span>}
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Filters"
          // The viewer's own keys are for the lines.
          onKeyDown={(event) => event.stopPropagation()}
          className="z-50 max-h-[var(--radix-popover-content-available-height)] w-[min(22rem,calc(100vw-1rem))] overflow-y-auto rounded-lg bg-raised text-fg shadow-pop"
        >
          <FilterGroup
            title="Stream"
            aside={
              chosen > 0 && (
                <button
                  type="button"
                  className="text-accent text-xs hover:underline"
                  onClick={() => onFilterChange(withoutMenu(filter))}
                >
                  Clear
                </button>
              )
            }
          >
            {STREAMS.map((stream) => (
              <FilterOption
                key={stream}
                checked={filter.streams.includes(stream)}
                count={run?.facets && (run.facets.stream[stream] ?? 0)}
                onChange={() => onFilterChange({ ...filter, streams: toggled(filter.streams, stream) })}
              >
                {STREAM_TEXTS[stream]}
              </FilterOption>
            ))}
          </FilterGroup>
          {run && <OfRun filter={filter} onFilterChange={onFilterChange} run={run} />}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function withoutMenu({ levels, text, isCaseSensitive }: ViewerFilter): ViewerFilter {
  return { ...NO_FILTER, levels, text, isCaseSensitive };
}

function OfRun({ filter, onFilterChange, run }: FilterMenuProps & { run: RunFilterOptions }) {
  const tasks = taskOptions(run.tasks, run.facets);
  const attempts = attemptOptions(tasks);
  const hasAttempts = attempts.length > 1 || filter.attempts.length > 0;
  return (
    <>
      {tasks.length > 0 && (
        <FilterGroup title={`Task${tasks.length > 8 ? ` (${formatCounted(tasks.length, 'task run')})` : ''}`}>
          <div className="max-h-48 overflow-y-auto px-1.5 -mx-1.5">
            {tasks.map(({ id, name, attempt, count }) => (
              <FilterOption
                key={id}
                checked={filter.tasks.includes(id)}
                count={count}
                onChange={() => onFilterChange({ ...filter, tasks: toggled(filter.tasks, id) })}
              >
                <span className="truncate" title={name}>
                  {name}
                </span>
                {attempt > 1 && <span className="shrink-0 text-fg-faint text-xs">attempt {attempt}</span>}
              </FilterOption>
            ))}
          </div>
        </FilterGroup>
      )}
      {hasAttempts && (
        <FilterGroup title="Attempt">
          {attempts.map(({ attempt, count }) => (
            <FilterOption
              key={attempt}
              checked={filter.attempts.includes(attempt)}
              count={count}
              onChange={() => onFilterChange({ ...filter, attempts: toggled(filter.attempts, attempt) })}
            >
              {`Attempt ${attempt}`}
            </FilterOption>
          ))}
        </FilterGroup>
      )}
      <FilterGroup title="Time">
        <TimeRangeFields
          range={filter}
          zone={run.zone}
          newest={run.newest}
          onChange={({ from, to }) => onFilterChange({ ...filter, from, to })}
        />
      </FilterGroup>
      <FilterGroup title="Highlight in colour">
        <HighlightEditor highlights={run.highlights} onChange={run.onHighlightsChange} />
      </FilterGroup>
    </>
  );
}
