import { formatDuration } from '@/components/format/duration';
import { formatCount } from '@/components/format/quantity';
import { LogRow, type LogRowProps } from '@/components/log-viewer/log-row';
import { AttemptHeader, GroupHeader } from './group-header';
import type { AttemptRow, FoldRow, Row } from './row';

/** Opens or closes what a row stands for. */
export type OnFold = (row: FoldRow, isOpen: boolean) => void;

/** One row of the list, with the silence before it. `of` gives what a line's own row is shown with. */
export function ListRow({
  row,
  of,
  onFold,
}: {
  row: Row;
  of: Omit<LogRowProps, 'line' | 'depth' | 'children' | 'tail'>;
  onFold: OnFold | undefined;
}) {
  return (
    <>
      {row.gapMs !== undefined && <div className="log-gap">{`${formatDuration(row.gapMs)} later`}</div>}
      <RowBody row={row} of={of} onFold={onFold} />
    </>
  );
}

function RowBody({ row, of, onFold }: Parameters<typeof ListRow>[0]) {
  const toggle = (isOpen: boolean) => {
    if (row.kind !== 'line') onFold?.(row, isOpen);
  };
  switch (row.kind) {
    case 'line':
      return <LogRow {...of} line={row.line} depth={row.depth} />;
    case 'group':
      return (
        <LogRow {...of} line={row.line} depth={row.depth}>
          <GroupHeader row={row} onToggle={toggle} />
        </LogRow>
      );
    case 'repeat':
      return (
        <LogRow
          {...of}
          line={row.line}
          depth={row.depth}
          tail={<RepeatButton count={row.count} isOpen={row.isOpen} onToggle={toggle} />}
        />
      );
    case 'attempt':
      return <AttemptBlock row={row} onToggle={toggle} />;
  }
}

function RepeatButton({
  count,
  isOpen,
  onToggle,
}: {
  count: number;
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
}) {
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      aria-label={`${formatCount(count)} lines like this`}
      title={isOpen ? 'Show as one line' : 'Show all of them'}
      onClick={() => onToggle(!isOpen)}
      className="log-repeats"
    >
      {`× ${formatCount(count)}`}
    </button>
  );
}

/** It stands for lines and is none, so that it has no number of its own. */
function AttemptBlock({ row, onToggle }: { row: AttemptRow; onToggle: (isOpen: boolean) => void }) {
  return (
    <div className="log-row log-superseded" data-attempt={row.attempt}>
      <span aria-hidden className="log-number" />
      <AttemptHeader row={row} onToggle={onToggle} />
    </div>
  );
}
