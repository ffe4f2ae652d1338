'use client';

import { Command } from 'cmdk';
import { CornerDownLeft, LoaderCircle, Search } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type KeyboardEvent, type ReactNode, useRef, useState } from 'react';
import { RunStatus } from '@/components/runs/run-status';
import { Dialog } from '@/components/ui/dialog';
import { Keys } from '@/components/ui/keys';
import { Moment } from '@/components/ui/time';
import type { Run } from '@/lib/protocol/run';
import { runPagePath } from '@/lib/protocol/run-page-path';
import { type Action, useAllActions } from './actions';
import { actionsFor, type RankedGroup, rankActions, SCORE_GOOD } from './rank-actions';
import { chordOf } from './shortcuts';
import { usePaletteRuns } from './use-palette-runs';

const LIMITS = { idle: 6, found: 8 };
const HEADING =
  '[&_[cmdk-group-heading]]:px-2 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-2xs [&_[cmdk-group-heading]]:text-fg-faint';

/** One text box over runs, and everything that the page at hand offers. */
export function CommandPalette({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const chosen = useRef<() => void>(undefined);
  /** What was chosen is done when the dialog is gone: it may give the focus to a place of its own. */
  const choose = (run: () => void) => {
    chosen.current = run;
    onOpenChange(false);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      bare
      title="Search or jump to"
      description="Runs, tasks, pages and what can be done here. Up and down choose, Enter takes, Escape closes."
      onClosed={() => {
        const run = chosen.current;
        chosen.current = undefined;
        run?.();
      }}
    >
      <Palette onChoose={choose} />
    </Dialog>
  );
}

function Palette({ onChoose }: { onChoose: (run: () => void) => void }) {
  const [text, setText] = useState('');
  const router = useRouter();
  const actions = useAllActions();
  const { runs, isSearching, error, retry } = usePaletteRuns(text);
  const direct = actionsFor(actions, text);
  // Digits mean a place; any other text is first of all the name of something.
  const places = direct.filter(({ action }) => action.titleWith === undefined);
  const takers = direct.filter(({ action }) => action.titleWith !== undefined);
  const ranked = rankActions(actions, text, LIMITS);
  const isIdle = text.trim() === '';
  const above = ranked.filter((group) => !isIdle && group.score >= SCORE_GOOD);
  const below = ranked.filter((group) => isIdle || group.score < SCORE_GOOD);
  const values = [
    ...places.map(({ action }) => directValue(action)),
    ...valuesOf(above),
    ...runs.map(runValue),
    ...valuesOf(below),
    ...takers.map(({ action }) => directValue(action)),
  ];
  const [reached, setReached] = useState<string>();
  const isMoving = useRef(false);
  // The first result is the one that Enter takes, also where better ones come later, until the reader moves.
  const value = reached !== undefined && values.includes(reached) ? reached : (values[0] ?? 'retry');
  const noteMove = () => {
    isMoving.current = true;
  };
  const noteKey = (event: KeyboardEvent) => {
    if (['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) noteMove();
  };
  const isEmpty = values.length === 0;

  return (
    <Command
      value={value}
      onValueChange={(next) => {
        if (isMoving.current) setReached(next);
      }}
      onKeyDown={noteKey}
      onPointerMove={noteMove}
      shouldFilter={false}
      loop
      vimBindings={false}
      label="Search or jump to"
      className="flex min-h-0 flex-col"
    >
      <div className="flex items-center gap-2 border-b px-3">
        <Search aria-hidden className="size-4 shrink-0 text-fg-faint" />
        <Command.Input
          value={text}
          onValueChange={(next) => {
            isMoving.current = false;
            setReached(undefined);
            setText(next);
          }}
          placeholder="Search or jump to…"
          maxLength={256}
          className="h-12 min-w-0 flex-1 bg-transparent text-sm outline-none placeholder:text-fg-faint pointer-coarse:text-base"
        />
        {isSearching && <LoaderCircle aria-hidden className="size-4 shrink-0 animate-spin text-fg-faint" />}
        <Keys chord="Esc" className="pointer-coarse:hidden" />
      </div>
      <Command.List label="Results" className={`min-h-0 flex-1 scroll-py-2 overflow-y-auto p-2 pt-0 ${HEADING}`}>
        <DirectActions actions={places} text={text} onChoose={onChoose} />
        <ActionGroups groups={above} onChoose={onChoose} />
        {runs.length > 0 && (
          <Command.Group heading={isIdle ? 'Recent runs' : 'Runs'}>
            {runs.map((run) => (
              <Item
                key={run.id}
                value={runValue(run)}
                onSelect={() => onChoose(() => router.push(runPagePath(run.id)))}
              >
                <Icon>
                  <RunStatus status={run.status} iconOnly className="[&_svg]:size-4" />
                </Icon>
                <span className="min-w-0 flex-1 truncate">
                  {run.job_name}
                  {run.id !== run.job_name && <span className="ml-2 font-mono text-2xs text-fg-faint">{run.id}</span>}
                </span>
                {run.started_at && <Moment at={run.started_at} className="shrink-0 text-fg-faint text-xs" />}
              </Item>
            ))}
          </Command.Group>
        )}
        <ActionGroups groups={below} onChoose={onChoose} />
        <DirectActions actions={takers} text={text} onChoose={onChoose} />
        {error && (
          <Item value="retry" onSelect={retry}>
            <span className="min-w-0 flex-1 truncate text-danger">{`Runs could not be searched: ${error.message}`}</span>
            <span className="shrink-0 font-medium text-accent">Try again</span>
          </Item>
        )}
      </Command.List>
      <p role="status" className={isEmpty ? 'px-4 pt-4 pb-6 text-center text-13 text-fg-muted' : 'sr-only'}>
        {isSearching ? 'Searching…' : isEmpty ? `Nothing is found for “${text.trim()}”.` : resultText(values.length)}
      </p>
    </Command>
  );
}

function directValue({ id }: Action): string {
  return `with ${id}`;
}

function runValue({ id }: Run): string {
  return `run ${id}`;
}

function valuesOf(groups: readonly RankedGroup[]): string[] {
  return groups.flatMap(({ actions }) => actions.map(({ id }) => id));
}

function resultText(count: number): string {
  return count === 1 ? '1 result' : `${count} results`;
}

/** Actions that take what was typed. */
function DirectActions({
  actions,
  text,
  onChoose,
}: {
  actions: ReturnType<typeof actionsFor>;
  text: string;
  onChoose: (run: () => void) => void;
}) {
  return actions.map(({ action, title }) => (
    <Item key={action.id} value={directValue(action)} onSelect={() => onChoose(() => action.runWith?.(text.trim()))}>
      <Icon>{action.icon ?? <CornerDownLeft aria-hidden />}</Icon>
      <span className="min-w-0 flex-1 truncate">{title}</span>
    </Item>
  ));
}

function ActionGroups({ groups, onChoose }: { groups: readonly RankedGroup[]; onChoose: (run: () => void) => void }) {
  return groups.map((group) => (
    <Command.Group key={group.title} heading={group.title}>
      {group.actions.map((action) => (
        <Item key={action.id} value={action.id} onSelect={() => onChoose(action.run)}>
          <Icon>{action.icon}</Icon>
          <span className="min-w-0 flex-1 truncate">{action.title}</span>
          {action.keys && <Keys chord={chordOf(action.keys)} className="pointer-coarse:hidden" />}
        </Item>
      ))}
    </Command.Group>
  ));
}

function Item({ value, onSelect, children }: { value: string; onSelect: () => void; children: ReactNode }) {
  return (
    <Command.Item
      value={value}
      onSelect={onSelect}
      className="flex min-h-9 cursor-pointer select-none items-center gap-2.5 rounded-md px-2 py-1 text-13 data-[selected=true]:bg-accent-soft pointer-coarse:min-h-11"
    >
      {children}
    </Command.Item>
  );
}

function Icon({ children }: { children: ReactNode }) {
  return (
    <span className="grid size-4 shrink-0 place-items-center text-fg-muted [&_svg]:size-4" aria-hidden={!children}>
      {children}
    </span>
  );
}
