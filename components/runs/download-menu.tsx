'use client';

import { Check, ChevronDown, Download } from 'lucide-react';
import { type MouseEvent, useState } from 'react';
import { Button } from '@/components/ui/button';
import { Menu, MenuChoices, MenuItem, MenuLabel, MenuSeparator, MenuSub, MenuSwitch } from '@/components/ui/menu';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { LinesAround } from '@/lib/protocol/lines-around';
import type { Run, TaskRun } from '@/lib/protocol/run';
import { downloadPath } from './download-path';
import { type DownloadScope, downloadScopes, type LineSelection, taskScope } from './download-scope';
import { SaveProgress } from './save-progress';
import { canSaveFiles, useFileSave } from './use-file-save';
import { useMatchingLines } from './use-matching-lines';

const FORMATS = [
  { format: 'raw', label: 'Plain text', hint: 'as it was printed', file: '.log' },
  { format: 'text', label: 'Text with times', hint: 'UTC', file: '.log' },
  { format: 'ndjson', label: 'JSON lines', hint: 'NDJSON, all fields', file: '.ndjson' },
] as const;

/** From this size of a run on the page itself tells how far the file is, where the browser lets it. */
const LARGE_BYTES = 16_000_000;
const NO_FILTER: FilterParameters = {};

/** Saves a log as a file: the whole run, what the filter shows, one task or the selected lines. */
export function DownloadMenu({
  run,
  tasks,
  filter = NO_FILTER,
  around,
  selection,
}: {
  run: Run;
  tasks: readonly TaskRun[];
  /** What the log is filtered by now. */
  filter?: FilterParameters;
  /** What it shows with the lines that pass. */
  around?: LinesAround | undefined;
  /** The lines that are selected in the log. */
  selection?: LineSelection | undefined;
}) {
  const [isOpen, setIsOpen] = useState(false);
  const [wanted, setWanted] = useState('run');
  const [isGzip, setIsGzip] = useState(false);
  const { state, save, cancel } = useFileSave();
  const hasFilter = Object.keys(filter).length > 0;
  const matching = useMatchingLines(run.id, filter, isOpen && hasFilter);

  const scopes = downloadScopes(run, { filter, around, matching, selection });
  const taskScopes = isOpen ? tasks.map(taskScope) : [];
  const scope = [...scopes, ...taskScopes].find(({ key }) => key === wanted) ?? scopes[0];
  const chosenTask = taskScopes.find(({ key }) => key === scope?.key);
  const pathOf = (more: Record<string, string>) =>
    downloadPath(run.id, new URLSearchParams({ ...scope?.parameters, ...more }).toString());

  const saveLarge = (event: MouseEvent, path: string, file: string) => {
    const isSmall = run.byte_count < LARGE_BYTES || scope?.key === 'lines';
    if (isSmall || !canSaveFiles() || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void save(path, `stratal-${run.id}${file}`);
  };

  return (
    <>
      <Menu
        onOpenChange={setIsOpen}
        trigger={
          <Button aria-label="Download">
            <Download aria-hidden />
            <span className="hidden sm:inline">Download</span>
            <ChevronDown aria-hidden className="text-fg-faint" />
          </Button>
        }
      >
        <MenuLabel>What to save</MenuLabel>
        <MenuChoices
          staysOpen
          value={scope?.key ?? 'run'}
          onChange={setWanted}
          choices={scopes.map((choice) => ({ value: choice.key, label: <ScopeLabel scope={choice} /> }))}
        />
        {taskScopes.length > 0 && (
          <MenuSub
            label={
              chosenTask ? (
                <>
                  <ScopeLabel scope={chosenTask} />
                  <Check aria-hidden />
                </>
              ) : (
                'One task'
              )
            }
          >
            <MenuChoices
              staysOpen
              value={scope?.key ?? 'run'}
              onChange={setWanted}
              choices={taskScopes.map((choice) => ({ value: choice.key, label: <ScopeLabel scope={choice} /> }))}
            />
          </MenuSub>
        )}
        <MenuSeparator />
        <MenuLabel>Save as</MenuLabel>
        {FORMATS.map(({ format, label, hint, file }) => {
          const path = pathOf({ format, ...(isGzip && { compress: 'gzip' }) });
          const ending = isGzip ? `${file}.gz` : file;
          return (
            <MenuItem key={format} asChild>
              <a href={path} download onClick={(event) => saveLarge(event, path, ending)}>
                <span className="flex-1 whitespace-nowrap">
                  {label}
                  <span className="text-fg-faint text-xs">{` · ${hint}`}</span>
                </span>
                <span className="pl-4 font-mono text-2xs text-fg-faint">{ending}</span>
              </a>
            </MenuItem>
          );
        })}
        <MenuSwitch checked={isGzip} onChange={setIsGzip}>
          Compress with gzip
        </MenuSwitch>
        <MenuSeparator />
        <MenuItem asChild>
          <a href={pathOf({ format: 'raw', inline: '1' })} target="_blank" rel="noreferrer">
            Open in a tab
          </a>
        </MenuItem>
      </Menu>
      <SaveProgress state={state} onClose={cancel} />
    </>
  );
}

function ScopeLabel({ scope }: { scope: DownloadScope }) {
  return (
    <>
      <span className="min-w-0 flex-1 truncate" title={scope.label}>
        {scope.label}
      </span>
      <span className="shrink-0 pl-4 text-fg-faint text-xs tabular-nums">{scope.size}</span>
    </>
  );
}
