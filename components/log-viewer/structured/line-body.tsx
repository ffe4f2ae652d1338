'use client';

import type { ReactNode } from 'react';
import type { RowOptions } from '@/components/log-viewer/log-row';
import { LogText } from '@/components/log-viewer/log-text';
import type { Mark } from '@/components/log-viewer/marked-spans';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { RenderState } from '@/lib/terminal/render-line';
import { FieldTree } from './field-tree';
import { fieldsKey } from './fields-button';
import { LineCells } from './line-cells';
import { LineChips } from './line-chips';
import { LongText, mayFold } from './long-text';
import { hasFields } from './structured-line';
import { type Expansion, useExpanded } from './use-expanded';

interface LineBodyProps {
  line: LogMessage;
  number: number;
  start: RenderState;
  marks?: readonly Mark[] | undefined;
  options: RowOptions;
}

/** What a row shows of its line: the text, or its fields as cells, and below it all fields where the reader opened them. */
export function LineBody({ line, number, start, marks, options }: LineBodyProps) {
  const { wrap, expansion, onAddTerm, columns } = options;
  const frame = (text: ReactNode) => (
    <span className={wrap ? 'log-message log-wrap' : 'log-message'}>
      <LineChips line={line} place="before" />
      {text}
      <LineChips line={line} place="after" />
      {line.continues && (
        <span className="log-continues" title="The line goes on in the next one">
          {' '}
          ↩
        </span>
      )}
    </span>
  );
  const isStructured = expansion !== undefined && hasFields(line);
  const isLong = expansion !== undefined && mayFold(line.message);
  if (!isStructured && !isLong) return frame(<LogText message={line.message} start={start} marks={marks} />);

  const isTable = isStructured && columns !== undefined && columns.length > 0;
  return (
    <div className="log-body">
      {isTable ? (
        <LineCells line={line} columns={columns} marks={marks} onAddTerm={onAddTerm} />
      ) : isLong ? (
        <LongText line={line} start={start} marks={marks} expansion={expansion} frame={frame} />
      ) : (
        frame(<LogText message={line.message} start={start} marks={marks} />)
      )}
      {isStructured && (
        <OpenFields
          key={line.id}
          line={line}
          number={number}
          marks={marks}
          expansion={expansion}
          onAddTerm={onAddTerm}
        />
      )}
    </div>
  );
}

function OpenFields(props: {
  line: LogMessage;
  number: number;
  marks: readonly Mark[] | undefined;
  expansion: Expansion;
  onAddTerm: ((term: string) => void) | undefined;
}) {
  const [isOpen] = useExpanded(props.expansion, fieldsKey(props.line.id));
  return isOpen && <FieldTree {...props} />;
}
