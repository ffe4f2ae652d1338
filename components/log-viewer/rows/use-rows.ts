'use client';

import { useCallback, useEffect, useMemo, useState } from 'react';
import type { RunOfViewer } from '@/components/log-viewer/histogram/use-volume';
import type { SourceSnapshot } from '@/components/log-viewer/source-snapshot';
import { usePreference } from '@/components/log-viewer/use-preference';
import { isFiltering, type ViewerFilter } from '@/components/log-viewer/viewer-filter';
import type { LineRange } from '@/lib/protocol/line-range';
import type { LogMessage } from '@/lib/protocol/log-message';
import { endsStreams, type Status, type TaskRun } from '@/lib/protocol/run';
import type { FoldOptions } from './fold-menu';
import type { OnFold } from './list-row';
import { plainRows, type RowList } from './row';
import { RowModel } from './row-model';
import { supersededAttempts } from './superseded';
import { useKnownGroups } from './use-known-groups';

export interface RowsOptions {
  run: RunOfViewer;
  snapshot: SourceSnapshot;
  filter: ViewerFilter;
  tasks: readonly TaskRun[];
  status: Status | undefined;
  isFollowing: boolean;
  setFollowing: (following: boolean) => void;
  selection: LineRange | undefined;
  /** A line to bring into sight. */
  goal: { line: number } | undefined;
  /** Lines that a search found: what they are in opens. */
  isHit?: ((line: LogMessage) => boolean) | undefined;
}

export interface Rows {
  rows: RowList;
  onFold: OnFold;
  /** For the menu. */
  folds: FoldOptions;
}

/** The rows of the lines that are shown, and how to open and close them. */
export function useRows(lines: readonly LogMessage[], options: RowsOptions): Rows {
  const { run, snapshot, filter, tasks, status, isFollowing, setFollowing, selection, goal, isHit } = options;
  const [groupsChoice, setGroups] = usePreference('groups', ['on', 'off'], 'on');
  const [repeatsChoice, setRepeats] = usePreference('repeats', ['on', 'off'], 'off');
  const groups = groupsChoice === 'on';
  const foldRepeats = repeatsChoice === 'on';
  const isOver = snapshot.stream.kind === 'ended' || (status !== undefined && endsStreams(status));
  // How the run was when it was opened, as soon as that is known.
  const isKnown = isOver || status !== undefined;
  const [openedAs, setOpenedAs] = useState(isKnown ? isOver : undefined);
  if (openedAs === undefined && isKnown) setOpenedAs(isOver);
  const wasOver = openedAs ?? isOver;
  const [model] = useState(() => new RowModel());
  const [revision, setRevision] = useState(0);

  const scope = filter.tasks.join(',');
  const superseded = useMemo(() => supersededAttempts(tasks, new Set(scope.split(','))), [tasks, scope]);
  const isWhole = !isFiltering({ ...filter, tasks: [] });
  const { atNewest } = snapshot.window;
  const { hasOlder, newest } = snapshot;
  const hasGroupRows = isWhole && groups;
  const { known, look } = useKnownGroups(run, snapshot, filter.tasks);

  const rows = useMemo(
    () =>
      groups || foldRepeats || isWhole
        ? model.update({
            lines,
            scope,
            isWhole: hasGroupRows,
            isGapless: isWhole && scope === '',
            atNewest,
            newest,
            known,
            hasOlder,
            wasOver,
            isOver,
            isFollowing,
            superseded,
            foldRepeats,
            selection,
            isHit,
            goal,
          })
        : plainRows(lines),
    [
      model,
      revision,
      lines,
      isWhole,
      groups,
      scope,
      atNewest,
      newest,
      known,
      hasOlder,
      wasOver,
      isOver,
      isFollowing,
      superseded,
      foldRepeats,
      selection,
      isHit,
      goal,
    ],
  );

  const { openEnds } = model;
  useEffect(
    () => look(hasGroupRows ? { lines, hasOlder, openEnds, newest } : undefined),
    [look, hasGroupRows, lines, hasOlder, openEnds, newest],
  );

  const onFold = useCallback<OnFold>(
    (row, isOpen) => {
      // What opens below a header would push the header out of sight of a reader who follows.
      if (isOpen) setFollowing(false);
      model.setOpen(row, isOpen);
      setRevision((count) => count + 1);
    },
    [model, setFollowing],
  );
  const setAllOpen = useCallback(
    (isOpen: boolean) => {
      model.setAllOpen(isOpen);
      setRevision((count) => count + 1);
    },
    [model],
  );
  const { hasGroups } = rows;
  const folds = useMemo<FoldOptions>(
    () => ({
      groups,
      setGroups: (on) => setGroups(on ? 'on' : 'off'),
      repeats: foldRepeats,
      setRepeats: (on) => setRepeats(on ? 'on' : 'off'),
      hasGroups,
      setAllOpen,
    }),
    [groups, setGroups, foldRepeats, setRepeats, hasGroups, setAllOpen],
  );
  return { rows, onFold, folds };
}
