'use client';

import { type CSSProperties, useMemo, useState } from 'react';
import { useStableCallback } from '@/components/log-viewer/use-stable-callback';
import type { ViewerFilter } from '@/components/log-viewer/viewer-filter';
import type { LogMessage } from '@/lib/protocol/log-message';
import { COLUMNS_MAX } from './columns';
import { withTerm } from './field-term';
import { hasFields } from './structured-line';
import { Expansion } from './use-expanded';

/** Columns are offered where one of so many newest lines has fields. */
const ASKED_LINES = 100;
/** Characters that the message and each further column take at least. */
const MESSAGE_CHARS_MIN = 24;
const COLUMN_CHARS_MIN = 12;
const NO_COLUMNS: readonly string[] = [];

export interface Structured {
  /** For RowOptions; of lasting identity. */
  expansion: Expansion;
  onAddTerm: (term: string) => void;
  columns: readonly string[];
  setColumns: (columns: string[]) => void;
  /** Whether there is anything to choose columns of. */
  isOffered: boolean;
  /** The widths of columns, for what is around head and list. */
  style: CSSProperties | undefined;
}

/** What a viewer keeps for lines with fields: which are open, what is chosen as columns, and how a value joins the filter. */
export function useStructured(
  lines: readonly LogMessage[],
  filter: ViewerFilter,
  setFilter: (filter: ViewerFilter) => void,
  heldColumns?: readonly string[],
  onColumnsChange?: (columns: string[]) => void,
): Structured {
  const [expansion] = useState(() => new Expansion());
  const [ownColumns, setOwnColumns] = useState(NO_COLUMNS);
  const wanted = heldColumns ?? ownColumns;
  const key = JSON.stringify(wanted);
  // By content: an address is parsed anew at every render, and new columns lay all rows out anew.
  const columns = useMemo(() => {
    const names: string[] = JSON.parse(key);
    return [...new Set(names)].slice(0, COLUMNS_MAX);
  }, [key]);

  const onAddTerm = useStableCallback((term: string) => setFilter({ ...filter, text: withTerm(filter.text, term) }));

  const isOffered = useMemo(
    () => columns.length > 0 || lines.slice(-ASKED_LINES).some((line) => hasFields(line)),
    [lines, columns],
  );
  const style = useMemo<CSSProperties | undefined>(() => {
    if (columns.length === 0) return undefined;
    const widths = `minmax(${MESSAGE_CHARS_MIN}ch, 3fr) repeat(${columns.length}, minmax(${COLUMN_CHARS_MIN}ch, 1fr))`;
    const own: CSSProperties & { '--columns': string } = { '--columns': widths };
    return own;
  }, [columns]);

  return { expansion, onAddTerm, columns, setColumns: onColumnsChange ?? setOwnColumns, isOffered, style };
}
