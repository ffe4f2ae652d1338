import { type MouseEvent, memo } from 'react';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { RenderState } from '@/lib/terminal/render-line';
import { LogText } from './log-text';
import { LogTime, type TimeStyle } from './log-time';

/** How rows are shown; one object for all rows, changed only when a choice is. */
export interface RowOptions {
  wrap: boolean;
  time: TimeStyle;
  showTask: boolean;
  /** What stands before `#L42` in the link of a line number; '' on the run's own page. */
  linkBase: string;
  onSelect?: ((line: number, extend: boolean) => void) | undefined;
}

export interface LogRowProps {
  line: LogMessage;
  start: RenderState;
  marks?: ReadonlyArray<readonly [number, number]> | undefined;
  isSelected: boolean;
  options: RowOptions;
}

/** What a line is besides its text, for readers who do not see its colour. */
function kindOf({ level, stream }: LogMessage): string | undefined {
  if (level === 'error') return 'error';
  if (level === 'warn') return 'warning';
  if (level === 'debug') return 'debug';
  return stream === 'stdout' ? undefined : stream;
}

/** One line: its number, which is its link, and its text. */
export const LogRow = memo(function LogRow({ line, start, marks, isSelected, options }: LogRowProps) {
  const { wrap, time, showTask, linkBase, onSelect } = options;
  const kind = kindOf(line);

  const select = (event: MouseEvent) => {
    if (!onSelect || event.metaKey || event.ctrlKey || event.button !== 0) return;
    event.preventDefault();
    onSelect(line.id, event.shiftKey);
  };

  return (
    <div
      id={linkBase === '' ? `L${line.id}` : undefined}
      data-line={line.id}
      data-level={line.level}
      data-stream={line.stream}
      data-selected={isSelected ? '' : undefined}
      className="log-row"
    >
      <a
        href={`${linkBase}#L${line.id}`}
        onClick={select}
        tabIndex={-1}
        className="log-number"
        aria-label={`Line ${line.id}${kind ? `, ${kind}` : ''}`}
      >
        {line.id}
      </a>
      {time !== 'off' && <LogTime at={line.timestamp} style={time} />}
      {showTask && (
        <span className="log-task" title={line.task_name}>
          {line.task_name}
        </span>
      )}
      <span className={wrap ? 'log-message log-wrap' : 'log-message'}>
        <LogText message={line.message} start={start} marks={marks} />
        {line.continues && (
          <span className="log-continues" title="The line goes on in the next one">
            {' '}
            ↩
          </span>
        )}
      </span>
    </div>
  );
});
