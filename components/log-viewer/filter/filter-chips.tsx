'use client';

import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { fullTime, type Zone } from '@/components/format/instant';
import { describeRange } from '@/components/log-viewer/histogram/bin-tooltip';
import type { ViewerFilter } from '@/components/log-viewer/viewer-filter';
import { classNames } from '@/components/ui/class-names';
import { STREAM_TEXTS } from './filter-menu';
import type { TaskOption } from './filter-options';
import { removeHighlight } from './highlight-terms';

export interface FilterChipsProps {
  filter: ViewerFilter;
  onFilterChange: (filter: ViewerFilter) => void;
  /** For names. */
  tasks: readonly TaskOption[];
  zone: Zone;
  highlights: readonly string[];
  onHighlightsChange: (highlights: string[]) => void;
}

/** What restricts the lines or is highlighted, each with a way out; nothing where nothing is set. Levels and text show themselves. */
export function FilterChips(props: FilterChipsProps) {
  const { filter, onFilterChange, tasks, zone, highlights, onHighlightsChange } = props;
  const chips: ReactNode[] = [];
  const add = (key: string, text: string, without: Partial<ViewerFilter>) =>
    chips.push(<Chip key={key} text={text} onRemove={() => onFilterChange({ ...filter, ...without })} />);

  for (const stream of filter.streams)
    add(stream, STREAM_TEXTS[stream], { streams: filter.streams.filter((other) => other !== stream) });
  for (const id of filter.tasks)
    add(`task ${id}`, taskText(id, tasks), { tasks: filter.tasks.filter((other) => other !== id) });
  for (const attempt of filter.attempts)
    add(`attempt ${attempt}`, `Attempt ${attempt}`, { attempts: filter.attempts.filter((other) => other !== attempt) });
  const range = rangeText(filter, zone);
  if (range !== undefined) add('range', range, { from: undefined, to: undefined });
  for (const [color, text] of highlights.entries()) {
    if (text === '') continue;
    chips.push(
      <Chip
        key={`highlight ${color}`}
        text={text}
        color={color}
        onRemove={() => onHighlightsChange(removeHighlight(highlights, color))}
      />,
    );
  }
  if (chips.length === 0) return null;
  return (
    <ul aria-label="Set filters" className="flex flex-wrap gap-1.5 border-b bg-canvas px-2 py-1.5">
      {chips}
    </ul>
  );
}

function Chip({ text, color, onRemove }: { text: string; color?: number; onRemove: () => void }) {
  const isHighlight = color !== undefined;
  return (
    <li
      className={classNames(
        'flex h-6 max-w-full items-center rounded-md pl-2 text-xs tabular-nums',
        isHighlight ? `log-highlight log-highlight-${color}` : 'bg-hover text-fg',
      )}
    >
      <span className={classNames('truncate', isHighlight && 'font-mono')} title={text}>
        {text}
      </span>
      <button
        type="button"
        aria-label={`${isHighlight ? 'Stop highlighting' : 'Remove filter'} ${text}`}
        onClick={onRemove}
        className="grid size-6 shrink-0 place-items-center rounded-md opacity-70 hover:opacity-100"
      >
        <X aria-hidden className="size-3" />
      </button>
    </li>
  );
}

function taskText(id: string, tasks: readonly TaskOption[]): string {
  const task = tasks.find((candidate) => candidate.id === id);
  if (!task) return `Task ${id}`;
  return task.attempt > 1 ? `${task.name}, attempt ${task.attempt}` : task.name;
}

function rangeText({ from, to }: ViewerFilter, zone: Zone): string | undefined {
  if (from !== undefined && to !== undefined) return describeRange({ from, to }, zone, true);
  if (from !== undefined) return `From ${fullTime(from, zone)}`;
  return to === undefined ? undefined : `Until ${fullTime(to, zone)}`;
}
