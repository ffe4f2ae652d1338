import { type MouseEvent, memo, type ReactNode } from 'react';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { RenderState } from '@/lib/terminal/render-line';
import { ContextButton } from './context-button';
import { LogTime, type TimeStyle } from './log-time';
import type { Mark } from './marked-spans';
import { FieldsButton } from './structured/fields-button';
import { LineBody } from './structured/line-body';
import { hasFields } from './structured/structured-line';
import type { Expansion } from './structured/use-expanded';

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
  /** What that column says of a line that is not ended yet, by the ids of task runs. */
  taskNames?: ReadonlyMap<string, string> | undefined;
  /** The page's hash names these lines: a click on a number selects. */
  onSelect?: ((line: number, extend: boolean) => void) | undefined;
  /** Where the view is filtered: shows a line among its neighbours. */
  onShowInContext?: ((line: number) => void) | undefined;
  /** Which lines show their fields or all of a long text; without it a line is its text alone. */
  expansion?: Expansion | undefined;
  /** Takes a term of `q` that a reader made of a value. */
  onAddTerm?: ((term: string) => void) | undefined;
  /** Fields that are shown as columns; none means that lines are shown as text. */
  columns?: readonly string[] | undefined;
}

export interface LogRowProps {
  line: LogMessage;
  start: RenderState;
  marks?: readonly Mark[] | undefined;
  isSelected: boolean;
  /** The match that the reader went to. */
  isHit: boolean;
  /** The time of the line before. */
  previous?: string | undefined;
  options: RowOptions;
  /** Groups around the line. */
  depth?: number;
  /** Shown instead of the message: what is folded here. */
  children?: ReactNode;
  /** After the message. */
  tail?: ReactNode;
}

/** What a line is besides its text, for readers who do not see its colour. */
function kindOf({ level, stream }: LogMessage): string | undefined {
  if (level === 'error') return 'error';
  if (level === 'warn') return 'warning';
  if (level === 'debug') return 'debug';
  return stream === 'stdout' ? undefined : stream;
}

/** Groups that are indented; deeper ones would leave no room for text. */
const GUIDES_MAX = 12;

/** Before the text of a line in groups. */
export function Guides({ depth }: { depth: number | undefined }) {
  if (!depth) return null;
  return <span aria-hidden className="log-guides" style={{ width: `${Math.min(depth, GUIDES_MAX)}rem` }} />;
}

/** One line: its number, which is its link, and its text. */
export const LogRow = memo(function LogRow({
  line,
  start,
  marks,
  isSelected,
  isHit,
  previous,
  options,
  depth,
  children,
  tail,
}: LogRowProps) {
  const { time, anchorOf, labelOf, onSelect, expansion } = options;
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
      data-hit={isHit ? '' : undefined}
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
      {expansion && hasFields(line) && <FieldsButton line={line.id} number={number} expansion={expansion} />}
      {time !== 'off' && <LogTime at={line.timestamp} style={time} startedAt={options.startedAt} previous={previous} />}
      {labelOf && (
        <span className="log-label" title={label?.text}>
          {label?.href === undefined ? label?.text : <a href={label.href}>{label.text}</a>}
        </span>
      )}
      <Guides depth={depth} />
      {children ?? <LineBody line={line} number={number} start={start} marks={marks} options={options} />}
      {tail}
      {options.onShowInContext && <ContextButton line={line.id} number={number} onShow={options.onShowInContext} />}
    </div>
  );
});
