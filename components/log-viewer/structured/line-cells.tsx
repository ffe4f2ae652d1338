'use client';

import { useMemo } from 'react';
import type { Mark } from '@/components/log-viewer/marked-spans';
import type { LogMessage } from '@/lib/protocol/log-message';
import { readCells } from './columns';
import type { Field } from './field';
import { LineChips } from './line-chips';
import { ValueMenu } from './value-menu';
import { ValueText } from './value-text';
import { visibleText } from './visible-text';

/** Units of a value that a cell holds; what is wider than the cell ends in an ellipsis anyway. */
const CELL_CHARS_MAX = 400;
const TITLE_CHARS_MAX = 2000;

/** A line with fields as one row of a table; where it lacks a field the cell is empty. */
export function LineCells({
  line,
  columns,
  marks,
  onAddTerm,
}: {
  line: LogMessage;
  columns: readonly string[];
  marks: readonly Mark[] | undefined;
  onAddTerm: ((term: string) => void) | undefined;
}) {
  const read = useMemo(() => readCells(line, columns), [line, columns]);
  if (!read) return null;
  const cell = (field: Field, column?: string) => (
    <ValueMenu
      field={field}
      onAddTerm={onAddTerm}
      tabIndex={-1}
      className="log-cell"
      data-type={field === read.message ? undefined : field.type}
      // The names above the columns are drawn for the eye alone.
      aria-label={column === undefined ? undefined : `${column}: ${field.text.slice(0, CELL_CHARS_MAX)}`}
      title={visibleText(field.text.slice(0, TITLE_CHARS_MAX))}
    >
      <ValueText field={field} marks={marks} text={field.text.slice(0, CELL_CHARS_MAX).replaceAll('\n', '⏎')} />
    </ValueMenu>
  );
  return (
    <div className="log-message log-cells">
      <span className="log-cell-message">
        <LineChips line={line} place="before" />
        {cell(read.message)}
        <LineChips line={line} place="after" />
      </span>
      {read.cells.map((field, place) => (
        <span key={columns[place]} data-column={columns[place]} className="min-w-0">
          {field && cell(field, columns[place])}
        </span>
      ))}
    </div>
  );
}
