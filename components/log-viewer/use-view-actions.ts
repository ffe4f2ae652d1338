'use client';

import { useActions } from '@/components/shell/actions';
import { LEVELS, type Level } from '@/lib/protocol/log-message';
import { toggled } from './filter/filter-options';
import type { FoldOptions } from './rows/fold-menu';
import type { ViewPreferences } from './use-view-preferences';
import { isFiltering, NO_FILTER, type ViewerFilter } from './viewer-filter';

const LEVEL_NAMES: Record<Level, string> = { error: 'errors', warn: 'warnings', info: 'info', debug: 'debug' };

/** Offers in the palette what the toolbar of a page's log can do, beside what has a key of its own. */
export function useViewActions({
  isOffered,
  filter,
  onFilterChange,
  view,
  folds,
}: {
  /** The log is the page's own; one that is embedded leaves the palette alone. */
  isOffered: boolean;
  filter: ViewerFilter;
  onFilterChange: (filter: ViewerFilter) => void;
  view: ViewPreferences;
  folds: FoldOptions;
}): void {
  const { histogram, announce } = view;
  const group = 'View';
  const switches = [
    {
      id: 'groups',
      title: folds.groups ? 'Show groups as plain lines' : 'Fold groups',
      run: () => folds.setGroups(!folds.groups),
    },
    {
      id: 'repeats',
      title: folds.repeats ? 'Show repeats' : 'Fold repeats',
      run: () => folds.setRepeats(!folds.repeats),
    },
    {
      id: 'histogram',
      title: histogram.isShown ? 'Hide lines over time' : 'Show lines over time',
      keywords: ['histogram'],
      run: () => histogram.setShown(!histogram.isShown),
    },
    {
      id: 'announce',
      title: announce ? 'Silence new lines' : 'Announce new lines',
      keywords: ['screen reader'],
      run: () => view.setAnnounce(!announce),
    },
  ];
  const levels = LEVELS.map((level) => ({
    id: `level.${level}`,
    title: filter.levels.includes(level)
      ? `Remove the filter for ${LEVEL_NAMES[level]}`
      : `Show only ${LEVEL_NAMES[level]}`,
    keywords: ['filter', 'level'],
    run: () => onFilterChange({ ...filter, levels: toggled(filter.levels, level) }),
  }));
  const all = folds.hasGroups
    ? [
        { id: 'expand-all', title: 'Expand all groups', run: () => folds.setAllOpen(true) },
        { id: 'collapse-all', title: 'Collapse all groups', run: () => folds.setAllOpen(false) },
      ]
    : [];
  const clear = isFiltering(filter)
    ? [{ id: 'clear-filters', title: 'Clear all filters', run: () => onFilterChange(NO_FILTER) }]
    : [];
  const actions = [...all, ...clear, ...levels, ...switches];
  useActions(isOffered ? actions.map((action) => ({ ...action, id: `viewer.${action.id}`, group })) : []);
}
