'use client';

import { ArrowDown, ArrowUp, Check, Columns3, X } from 'lucide-react';
import { Popover } from 'radix-ui';
import { type ReactNode, useMemo, useState } from 'react';
import { formatCompact } from '@/components/format/quantity';
import { Button } from '@/components/ui/button';
import { classNames } from '@/components/ui/class-names';
import { useNoteOpenMenu } from '@/components/ui/open-menus';
import type { LogMessage } from '@/lib/protocol/log-message';
import { COLUMNS_MAX, countFields, firstColumns, moved } from './columns';

interface ChooserProps {
  /** Lines that are held; their fields are offered. */
  readLines: () => readonly LogMessage[];
  /** In their order; none means that no columns are shown. */
  columns: readonly string[];
  onColumnsChange: (columns: string[]) => void;
}

/** A button that opens the choice of columns: which fields, in which order, or none. */
export function ColumnChooser({ readLines, columns, onColumnsChange }: ChooserProps) {
  const [isOpen, setOpen] = useState(false);
  useNoteOpenMenu(isOpen);
  return (
    <Popover.Root onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <Button
          look="quiet"
          square
          aria-label={columns.length > 0 ? `Columns, ${columns.length} chosen` : 'Columns'}
          title="Columns"
        >
          <Columns3 aria-hidden className={columns.length > 0 ? 'text-accent' : undefined} />
        </Button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Columns"
          className="z-50 w-72 rounded-lg bg-raised p-1 text-13 text-fg shadow-pop"
        >
          <Choices readLines={readLines} columns={columns} onColumnsChange={onColumnsChange} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

const ITEM =
  'flex h-8 w-full items-center gap-2 rounded px-2 text-left hover:bg-hover disabled:opacity-50 [&_svg]:size-3.5';

function Choices({ readLines, columns, onColumnsChange }: ChooserProps) {
  // Counted once while it is open: a choice must not move under the pointer.
  const [counts] = useState(() => countFields(readLines()));
  const [last, setLast] = useState(columns);
  const countOf = useMemo(() => new Map(counts.map(({ name, count }) => [name, count])), [counts]);
  const others = counts.filter(({ name }) => !columns.includes(name));
  const isFull = columns.length >= COLUMNS_MAX;

  const turn = () => {
    setLast(columns);
    if (columns.length > 0) onColumnsChange([]);
    else onColumnsChange(last.length > 0 ? [...last] : firstColumns(counts));
  };

  return (
    <>
      <button
        type="button"
        role="switch"
        aria-checked={columns.length > 0}
        disabled={columns.length === 0 && counts.length === 0}
        onClick={turn}
        className={ITEM}
      >
        <span className="flex-1 font-medium">Show fields as columns</span>
        {columns.length > 0 && <Check aria-hidden />}
      </button>
      {columns.length > 0 && (
        <ul aria-label="Chosen columns" className="mt-1 border-t pt-1">
          <li className="flex h-8 items-center px-2 text-fg-muted">message</li>
          {columns.map((name, place) => (
            <li key={name} className="flex h-8 items-center rounded pl-2">
              <span className="min-w-0 flex-1 truncate" title={name}>
                {name}
              </span>
              <Count of={countOf.get(name)} />
              <Step
                label={`Move ${name} up`}
                isOff={place === 0}
                onClick={() => onColumnsChange(moved(columns, name, -1))}
              >
                <ArrowUp aria-hidden />
              </Step>
              <Step
                label={`Move ${name} down`}
                isOff={place === columns.length - 1}
                onClick={() => onColumnsChange(moved(columns, name, 1))}
              >
                <ArrowDown aria-hidden />
              </Step>
              <Step label={`Hide ${name}`} onClick={() => onColumnsChange(columns.filter((each) => each !== name))}>
                <X aria-hidden />
              </Step>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-1 border-t px-2 pt-2 pb-1 text-2xs text-fg-faint">
        {counts.length === 0
          ? 'None of the lines here has fields.'
          : isFull
            ? `${COLUMNS_MAX} columns are the most that are shown.`
            : 'Fields of the newest lines here, and how many have them'}
      </p>
      <ul aria-label="Further fields" className="max-h-56 overflow-y-auto">
        {others.map(({ name, count }) => (
          <li key={name}>
            <button
              type="button"
              aria-label={`Show ${name}`}
              disabled={isFull}
              onClick={() => onColumnsChange([...columns, name])}
              className={ITEM}
            >
              <span className="min-w-0 flex-1 truncate" title={name}>
                {name}
              </span>
              <Count of={count} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Count({ of }: { of: number | undefined }) {
  return of !== undefined && <span className="px-1 text-2xs text-fg-faint tabular-nums">{formatCompact(of)}</span>;
}

/** Stays a stop of the keyboard at the ends of the list: a button that turns off under the focus would lose it. */
function Step({
  label,
  isOff = false,
  onClick,
  children,
}: {
  label: string;
  isOff?: boolean;
  onClick: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-disabled={isOff}
      onClick={isOff ? undefined : onClick}
      className={classNames(
        'inline-flex size-7 shrink-0 items-center justify-center rounded text-fg-muted hover:bg-hover hover:text-fg [&_svg]:size-3.5',
        isOff && 'text-fg-faint opacity-50 hover:bg-transparent',
      )}
    >
      {children}
    </button>
  );
}
