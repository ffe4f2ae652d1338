import { formatDuration } from '@/components/format/duration';
import { FoldButton } from './fold-button';
import { FoldCounts } from './fold-counts';
import type { AttemptRow, GroupRow } from './row';

/** What a group's row says: its title, and what is inside it so far. */
export function GroupHeader({ row, onToggle }: { row: GroupRow; onToggle: (isOpen: boolean) => void }) {
  return (
    <FoldButton isOpen={row.isOpen} onToggle={onToggle} title={row.title}>
      <FoldCounts tally={row} isPartial={row.isPartial} />
      {row.isComplete || row.isPartial ? (
        <span className="log-fold-time">{formatDuration(row.durationMs)}</span>
      ) : (
        <>
          <span className="text-accent">running</span>
          {row.durationMs > 0 && <span className="log-fold-time">{formatDuration(row.durationMs)}</span>}
        </>
      )}
    </FoldButton>
  );
}

/** What the row of a superseded attempt says. */
export function AttemptHeader({ row, onToggle }: { row: AttemptRow; onToggle: (isOpen: boolean) => void }) {
  return (
    <FoldButton isOpen={row.isOpen} onToggle={onToggle} title={`${row.task}, attempt ${row.attempt}`}>
      <FoldCounts tally={row} isPartial={row.isPartial} />
      <span>{row.status}</span>
    </FoldButton>
  );
}
