import { CircleX, TriangleAlert } from 'lucide-react';
import { formatCount, formatCounted } from '@/components/format/quantity';
import type { Tally } from '@/lib/terminal/group-tally';

/** How many lines, errors and warnings are folded; at least so many where some are not held. */
export function FoldCounts({ tally: { lines, errors, warnings }, isPartial }: { tally: Tally; isPartial: boolean }) {
  return (
    <>
      {errors > 0 && (
        <span className="log-fold-count" data-level="error">
          <CircleX aria-hidden />
          <Counted count={errors} noun="error" />
        </span>
      )}
      {warnings > 0 && (
        <span className="log-fold-count" data-level="warn">
          <TriangleAlert aria-hidden />
          <Counted count={warnings} noun="warning" />
        </span>
      )}
      <span className="log-fold-count">
        {isPartial && <span title="More of it is not loaded">≥</span>}
        {formatCounted(lines, 'line')}
      </span>
    </>
  );
}

/** On a phone what has an icon is a number alone. */
function Counted({ count, noun }: { count: number; noun: string }) {
  return (
    <span>
      {formatCount(count)}
      <span className="log-fold-word">{` ${count === 1 ? noun : `${noun}s`}`}</span>
    </span>
  );
}
