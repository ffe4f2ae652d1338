import { type MouseEvent, memo } from 'react';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { RenderState } from '@/lib/terminal/render-line';
import { LogText } from './log-text';
import { LogTime, type TimeStyle } from './log-time';
import type { Mark } from './marked-spans';

/** How rows are shown; one object for all rows, changed only when a choice is. */
export interface RowOptions {
  wrap: boolean;
  time: TimeStyle;
  /** When the run began, for times since then. */
  startedAt?: string | undefined;
  /** The time of the line before, where times since then are shown. */
  previousOf?: ((line: LogMessage) => string | undefined) | undefined;
  /** The line's number and its address. */
  anchorOf: (line: LogMessage) => { number: number; href: string };
  /** What wrote the line, in a column of its own. */
  labelOf?: ((line: LogMessage) => { text: string; href?: string } | undefined) | undefined;
  /** The page's hash names these lines: a click on a number selects. */
  onSelect?: ((line: number, extend: boolean) => void) | undefined;
}

export interface LogRowProps {
  line: LogMessage;
  start: RenderState;
  marks?: readonly Mark[] | undefined;
  isSelected: boolean;
  /** The time of the line before. */
  previous?: string | undefined;
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
export const LogRow = memo(function LogRow({ line, start, marks, isSelected, previous, options }: LogRowProps) {
  const { wrap, time, anchorOf, labelOf, onSelect } = options;
  const kind = kindOf(line);
  const { number, href } = anchorOf(line);
  const label = labelOf?.(line);

  const select = (event: MouseEvent) => {
    if (!onSelect || event.metaKey || event.ctrlKey || event.button !== 0) return;
    event.preventDefault();
    onSelect(number, event.shiftKey);
  };

  return (
    <div
      id={onSelect ? `L${number}` : undefined}
      data-line={line.id}
      data-level={line.level}
      data-stream={line.stream}
      data-selected={isSelected ? '' : undefined}
      className="log-row"
    >
      <a
        href={href}
        onClick={select}
        tabIndex={-1}
        className="log-number"
        aria-label={`Line ${number}${kind ? `, ${kind}` : ''}`}
      >
        {number}
      </a>
      {time !== 'off' && <LogTime at={line.timestamp} style={time} startedAt={options.startedAt} previous={previous} />}
      {labelOf && (
        <span className="log-label" title={label?.text}>
          {label?.href === undefined ? label?.text : <a href={label.href}>{label.text}</a>}
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
