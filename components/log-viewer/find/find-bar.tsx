'use client';

import { CaseSensitive, ChevronDown, ChevronUp, ListFilter, Regex, X } from 'lucide-react';
import { type ReactNode, type Ref, useEffect, useId, useRef, useState } from 'react';
import { formatCompact, formatCount, formatCounted } from '@/components/format/quantity';
import { faultyPart } from '@/components/log-viewer/filter/faulty-part';
import { Button } from '@/components/ui/button';
import { SEARCH_INPUT } from '@/components/ui/search-field';
import type { FindState } from '@/lib/protocol/find-term';
import { CONTEXT_CHOICES } from './context-choices';
import { countBelow } from './hit-list';
import type { Find } from './use-find';

/** Over the log's upper edge: what to look for in the whole run, how far that is, and steps between the matches. */
export function FindBar({
  find,
  state,
  onChange,
  newest,
  inputRef,
  onClose,
}: {
  find: Find;
  state: FindState;
  onChange: (state: FindState) => void;
  /** The run's newest line. */
  newest: number;
  inputRef: Ref<HTMLInputElement>;
  onClose: () => void;
}) {
  const statusId = useId();
  return (
    <search
      aria-label="Search"
      className="log-panel right-[calc(var(--scrollbar)+0.5rem)] flex w-[min(27rem,calc(100%-var(--scrollbar)-1rem))] flex-col"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div className="flex items-center gap-0.5 p-1">
        <input
          ref={inputRef}
          {...SEARCH_INPUT}
          aria-label="Search lines"
          aria-invalid={find.fault !== undefined}
          aria-describedby={statusId}
          placeholder="Search all lines"
          value={state.text}
          onChange={(event) => onChange({ ...state, text: event.target.value })}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            if (find.fault) {
              const { start, end } = faultyPart(state.text, find.fault.at);
              event.currentTarget.setSelectionRange(start, end);
            } else find.step(event.shiftKey ? -1 : 1);
          }}
          className="h-7 min-w-0 flex-1 rounded bg-transparent px-2 text-13 text-fg placeholder:text-fg-faint aria-invalid:text-danger pointer-coarse:text-base"
        />
        <Toggle
          label="Match case"
          isOn={state.isCaseSensitive}
          onToggle={(isCaseSensitive) => onChange({ ...state, isCaseSensitive })}
        >
          <CaseSensitive aria-hidden />
        </Toggle>
        <Toggle label="Regular expression" isOn={state.isRegex} onToggle={(isRegex) => onChange({ ...state, isRegex })}>
          <Regex aria-hidden />
        </Toggle>
        <Toggle label="Only matching lines" isOn={state.isOnly} onToggle={(isOnly) => onChange({ ...state, isOnly })}>
          <ListFilter aria-hidden />
        </Toggle>
        <span aria-hidden className="mx-0.5 h-4 w-px bg-edge" />
        <Step label="Previous match" keys="Shift+Enter, N" onStep={() => find.step(-1)}>
          <ChevronUp aria-hidden />
        </Step>
        <Step label="Next match" keys="Enter, n" onStep={() => find.step(1)}>
          <ChevronDown aria-hidden />
        </Step>
        <Button look="quiet" square className="size-7" aria-label="Close search" title="Close (Esc)" onClick={onClose}>
          <X aria-hidden />
        </Button>
      </div>
      <div className="flex min-h-6 flex-wrap items-center gap-x-3 gap-y-0.5 border-t px-3 py-1 text-fg-muted text-xs">
        <FindAnnouncer find={find} />
        <FindStatus id={statusId} find={find} newest={newest} hasText={state.text !== ''} />
        {(find.snapshot?.state === 'limited' || find.snapshot?.state === 'failed') && (
          <button type="button" onClick={find.goOn} className="rounded font-medium text-accent hover:underline">
            {find.snapshot.state === 'limited' ? 'Go on' : 'Try again'}
          </button>
        )}
        {state.isOnly && (
          <label className="ml-auto inline-flex items-center gap-1.5">
            Context
            <select
              value={state.context}
              onChange={(event) => onChange({ ...state, context: Number(event.target.value) })}
              className="h-6 rounded border border-edge-strong bg-raised px-1 text-fg"
            >
              {CONTEXT_CHOICES.map((lines) => (
                <option key={lines} value={lines}>
                  {lines === 0 ? 'none' : `± ${lines}`}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
    </search>
  );
}

/** Tells screen readers of a search's end and of each step, not of every match on the way. */
function FindAnnouncer({ find: { snapshot, current, notice } }: { find: Find }) {
  const state = snapshot?.state;
  const count = snapshot?.hits.length ?? 0;
  const latest = useRef(count);
  useEffect(() => {
    latest.current = count;
  });
  const [words, setWords] = useState('');
  useEffect(() => {
    if (state === undefined || state === 'searching') setWords('');
    else setWords(formatCounted(latest.current, 'match', 'matches'));
  }, [state]);
  return (
    <span role="status" className="sr-only">
      {current === undefined ? words : `Line ${formatCount(current)}. ${notice ?? ''}`}
    </span>
  );
}

/** How many matches there are so far, which one is shown, and how far the search has looked. */
function FindStatus({ id, find, newest, hasText }: { id: string; find: Find; newest: number; hasText: boolean }) {
  const { snapshot, fault, current, notice } = find;
  if (fault !== undefined) {
    return (
      <p id={id} role="alert" className="min-w-0 break-words text-danger">
        {`${fault.detail}, at character ${formatCount(fault.at + 1)}`}
      </p>
    );
  }
  if (!snapshot) {
    return (
      <p id={id} data-find-state={hasText ? 'searching' : undefined} data-find-count={0} className="text-fg-faint">
        {hasText ? 'Searching…' : 'Searches the whole run'}
      </p>
    );
  }
  const { hits, state, through } = snapshot;
  const place = current === undefined ? -1 : countBelow(hits, current);
  const count = formatCounted(hits.length, 'match', 'matches');
  const text =
    place >= 0 && hits[place] === current ? `${formatCount(place + 1)} of ${formatCount(hits.length)}` : count;
  return (
    <p
      id={id}
      data-find-state={state}
      data-find-count={hits.length}
      className="flex min-w-0 flex-wrap gap-x-2 tabular-nums"
    >
      <span className="text-fg">{state === 'searching' ? `${text}…` : text}</span>
      <span className="text-fg-faint">{notice ?? progressText(snapshot, newest, through)}</span>
    </p>
  );
}

function progressText({ state, fault, hits }: NonNullable<Find['snapshot']>, newest: number, through: number): string {
  switch (state) {
    case 'searching':
      return through > 0 ? `looked through ${formatCompact(through)} of ${formatCompact(newest)} lines` : '';
    case 'done':
      return 'All lines searched';
    case 'limited':
      return `Stopped after ${formatCount(countBelow(hits, through + 1))} matches, at line ${formatCount(through)}`;
    case 'failed':
      return fault ?? 'The search failed';
  }
}

function Toggle({
  label,
  isOn,
  onToggle,
  children,
}: {
  label: string;
  isOn: boolean;
  onToggle: (isOn: boolean) => void;
  children: ReactNode;
}) {
  return (
    <Button
      look="quiet"
      square
      className="size-7 aria-pressed:bg-accent-soft aria-pressed:text-accent"
      aria-label={label}
      aria-pressed={isOn}
      title={label}
      onClick={() => onToggle(!isOn)}
    >
      {children}
    </Button>
  );
}

function Step({
  label,
  keys,
  onStep,
  children,
}: {
  label: string;
  keys: string;
  onStep: () => void;
  children: ReactNode;
}) {
  return (
    <Button look="quiet" square className="size-7" aria-label={label} title={`${label} (${keys})`} onClick={onStep}>
      {children}
    </Button>
  );
}
