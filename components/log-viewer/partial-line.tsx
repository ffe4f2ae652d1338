import type { PartialEvent } from '@/lib/protocol/stream-events';
import type { RenderState } from '@/lib/terminal/render-line';
import { Guides, type RowOptions } from './log-row';
import { LogText } from './log-text';
import { LogTime } from './log-time';

export type PartialOptions = Pick<RowOptions, 'wrap' | 'time' | 'startedAt' | 'taskNames'>;

/** A line that its program has not ended yet, at its place at the end: its text stands where that of the whole line will. */
export function PartialLine({
  partial,
  start,
  options: { wrap, time, startedAt, taskNames },
  depth,
}: {
  partial: PartialEvent;
  start: RenderState;
  options: PartialOptions;
  depth: number;
}) {
  return (
    <div className="log-row" data-stream={partial.stream} data-partial="">
      <span className="log-number" title="Not ended yet">
        …
      </span>
      {time !== 'off' && <LogTime at={partial.at} style={time} startedAt={startedAt} />}
      {taskNames && <span className="log-label">{taskNames.get(partial.task_run_id ?? '')}</span>}
      <Guides depth={depth} />
      <span className={wrap ? 'log-message log-wrap' : 'log-message'}>
        <LogText message={partial.message} start={start} />
        <span aria-hidden className="log-caret" />
      </span>
    </div>
  );
}
