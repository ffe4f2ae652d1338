'use client';

import {
  defaultRangeExtractor,
  elementScroll,
  type Range,
  useVirtualizer,
  type VirtualItem,
} from '@tanstack/react-virtual';
import {
  memo,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useIsHydrated } from '@/components/ui/now';
import type { LineRange } from '@/lib/protocol/line-range';
import type { LogMessage } from '@/lib/protocol/log-message';
import { formatLineHash } from './line-hash';
import type { LineMarks } from './line-marks';
import type { RowOptions } from './log-row';
import { ListRow, type OnFold } from './rows/list-row';
import { MeasuredRow } from './rows/measured-row';
import { plainRows, type Row, type RowList } from './rows/row';
import { RowSlots } from './rows/row-slots';
import { useGoToGoal } from './rows/use-go-to-goal';
import { useIsPressed } from './rows/use-is-pressed';
import { useKeepTarget } from './rows/use-keep-target';
import { useMeasureAnew } from './rows/use-measure-anew';
import { usePageRequests } from './rows/use-page-requests';
import { useStayAtLine } from './rows/use-stay-at-line';
import type { Sight } from './sight-store';
import type { TerminalStates } from './terminal-states';
import { useFollow } from './use-follow';
import type { Goal } from './use-place';

export interface LogListProps {
  label: string;
  /** Ascending by id. */
  lines: readonly LogMessage[];
  /** The rows of these lines. @defaultValue one for each */
  rows?: RowList | undefined;
  onFold?: OnFold | undefined;
  states: TerminalStates;
  marks: LineMarks;
  /** The match that the reader went to. */
  hit?: number | undefined;
  selection: LineRange | undefined;
  options: RowOptions;
  isFollowing: boolean;
  /** Reaching the end begins to follow. */
  canFollow: boolean;
  onFollowingChange: (following: boolean) => void;
  /** The reader is near the first or the last line that is held. */
  onNearStart?: (() => void) | undefined;
  onNearEnd?: (() => void) | undefined;
  /** Changes with each page that moved an end of what is held, also where it brought no line. */
  pages?: number | undefined;
  /** Lines to bring into sight, and what to call when they are. */
  scrollTo?: Goal | undefined;
  onReached?: (() => void) | undefined;
  /** Told which lines are in sight. */
  onInSight?: ((sight: Sight) => void) | undefined;
  /** No more lines are held before others are dropped. */
  isFull?: boolean | undefined;
  /** The box that scrolls, for those who watch or move it. */
  scroller?: RefObject<HTMLDivElement | null> | undefined;
  id?: string | undefined;
  /** Lines whose rows stay in the page wherever the list is scrolled: the ends of a selection. */
  keepMounted?: readonly number[] | undefined;
  /** Above the first line, of a fixed height. */
  head: ReactNode;
  /** Below the last line. */
  foot: ReactNode;
  /** At the lower edge of what is in sight. */
  overlay?: ReactNode;
}

const ROW_PX = 20;
const HEAD_PX = 32;
const OVERSCAN_ROWS = 24;
/** A fast run makes all rows new in each frame, so few are made that are not in sight. */
const FOLLOW_OVERSCAN_ROWS = 6;

/**
 * The scrolling list. The server and the first render show all rows, from the bottom, as plain HTML; then only those in
 * sight are kept in the page, at the same place.
 */
export const LogList = memo(function LogList({ rows: givenRows, ...rest }: LogListProps) {
  const rows = useMemo(() => givenRows ?? plainRows(rest.lines), [givenRows, rest.lines]);
  const props = { ...rest, rows };
  const ownScroller = useRef<HTMLDivElement>(null);
  const scroller = rest.scroller ?? ownScroller;
  const isHydrated = useIsHydrated();
  const [measured, setMeasured] = useState<MeasuredRows>();

  useLayoutEffect(() => {
    if (!isHydrated || !scroller.current) return;
    // A scrolling region must be reachable by keyboard (WCAG 2.1.1), whatever its role.
    scroller.current.tabIndex = 0;
    setMeasured(measureRows(scroller.current));
  }, [isHydrated, scroller]);

  return (
    <div
      ref={scroller}
      id={props.id}
      role="log"
      aria-live="off"
      aria-label={props.label}
      data-wrap={props.options.wrap ? 'on' : 'off'}
      className={measured ? 'log-scroller' : 'log-scroller log-static'}
    >
      {measured ? <VirtualRows {...props} scroller={scroller} measured={measured} /> : <AllRows {...props} />}
      {measured && props.overlay && <div className="log-overlay">{props.overlay}</div>}
    </div>
  );
});

type RowsProps = LogListProps & { rows: RowList };

function AllRows(props: RowsProps) {
  return (
    <div>
      <div className="log-head">{props.head}</div>
      {props.rows.items.map((row) => (
        <div key={row.key} data-row={row.key} id={rangeIdOf(row, props.selection)}>
          <OneRow {...props} row={row} />
        </div>
      ))}
      {props.foot}
    </div>
  );
}

function VirtualRows(props: RowsProps & { scroller: RefObject<HTMLDivElement | null>; measured: MeasuredRows }) {
  const { lines, rows, scroller, options, head, foot, keepMounted, isFollowing, scrollTo, onInSight } = props;
  const { items: rowItems } = rows;
  const footRef = useRef<HTMLDivElement>(null);
  // While the reader follows, the last rows are what is in sight; the scroll position is known a frame too late for that.
  const kept = useMemo(() => placesOf(rows, keepMounted), [rows, keepMounted]);
  const rangeExtractor = useCallback(
    (range: Range) => {
      if (!isFollowing) return withKept(defaultRangeExtractor(range), kept);
      const rows = Math.ceil((scroller.current?.clientHeight ?? 0) / ROW_PX) + FOLLOW_OVERSCAN_ROWS;
      const ends = { startIndex: Math.max(0, range.count - rows), endIndex: range.count - 1 };
      const end = defaultRangeExtractor({ ...range, ...ends, overscan: 0 });
      return withKept(end, kept);
    },
    [isFollowing, scroller, kept],
  );
  const written = useRef<number>(undefined);
  const scrollToFn = useCallback<typeof elementScroll<HTMLDivElement>>(
    (offset, scrollOptions, instance) => {
      elementScroll(offset, scrollOptions, instance);
      written.current = scroller.current?.scrollTop;
    },
    [scroller],
  );
  const virtualizer = useVirtualizer<HTMLDivElement, HTMLDivElement>({
    count: rowItems.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => rowItems[index]?.key ?? index,
    overscan: OVERSCAN_ROWS,
    rangeExtractor,
    scrollToFn,
    scrollMargin: HEAD_PX,
    anchorTo: 'end',
    initialMeasurementsCache: props.measured.items,
    initialOffset: props.measured.offset,
  });

  useKeepTarget(virtualizer, rows);
  useFollow(virtualizer, { ...props, lines: rowItems, foot: footRef, written });
  const isLed = isFollowing || scrollTo !== undefined;
  useStayAtLine(virtualizer, rows, isLed);
  useMeasureAnew(virtualizer, options, isLed);

  // Sizes of lines that are no longer held would pile up over a long day.
  useEffect(() => {
    const sizes = virtualizer.itemSizeCache;
    const oldest = lines[0]?.id ?? 0;
    const newest = lines.at(-1)?.id ?? 0;
    if (sizes.size < 3 * lines.length + 1000) return;
    for (const key of sizes.keys())
      if (typeof key === 'number' && (Math.abs(key) < oldest || Math.abs(key) > newest)) sizes.delete(key);
  }, [lines, virtualizer]);

  useGoToGoal(virtualizer, rows, { ...props, written });

  // Which finds the range for these rows; until then it is that of the rows before.
  const items = virtualizer.getVirtualItems();
  const { startIndex = 0, endIndex = 0 } = virtualizer.range ?? {};
  const firstSeen = rowItems[startIndex]?.line;
  const middleSeen = rowItems[Math.floor((startIndex + endIndex) / 2)]?.line.id;
  const lastSeen = (rowItems[endIndex] ?? rowItems.at(-1))?.line;
  useEffect(() => {
    if (firstSeen === undefined || middleSeen === undefined || lastSeen === undefined) return;
    const times = { from: firstSeen.timestamp, to: lastSeen.timestamp };
    const tell = () => onInSight?.({ first: firstSeen.id, middle: middleSeen, last: lastSeen.id, ...times });
    // After a jump the virtualizer hears a frame late where the list is, and until then takes other lines for those in sight.
    const isLate = !isFollowing && Math.abs((scroller.current?.scrollTop ?? 0) - (virtualizer.scrollOffset ?? 0)) > 1;
    if (!isLate) return tell();
    const frame = requestAnimationFrame(tell);
    return () => cancelAnimationFrame(frame);
  }, [onInSight, firstSeen, middleSeen, lastSeen, isFollowing, scroller, virtualizer]);

  usePageRequests(virtualizer, { ...props, rows: rowItems });
  const [slots] = useState(() => new RowSlots());
  const block = useRef<HTMLDivElement>(null);
  const isPressed = useIsPressed(block);
  // An element that is pressed, or holds the focus or an end of a selection, stays with its row.
  const mayReuse = isFollowing && kept.length === 0 && !isPressed() && !holdsFocus(block.current);
  const taken = slots.take(
    items.map(({ key }) => key),
    mayReuse,
  );

  return (
    <div>
      <div className="log-head">{head}</div>
      <div style={{ height: virtualizer.getTotalSize() }} className="log-canvas">
        <div
          style={{ transform: `translateY(${(items[0]?.start ?? HEAD_PX) - HEAD_PX}px)` }}
          className="log-block"
          ref={block}
        >
          {items.map((item, index) => {
            const row = rowItems[item.index];
            // Rows that are kept in the page stand apart from the others, in their place.
            const gap = item.start - (items[index - 1]?.end ?? item.start);
            return (
              row && (
                <MeasuredRow key={taken[index]} item={item} virtualizer={virtualizer} gap={gap}>
                  <OneRow {...props} row={row} />
                </MeasuredRow>
              )
            );
          })}
        </div>
      </div>
      <div ref={footRef}>{foot}</div>
    </div>
  );
}

function OneRow({
  row,
  states,
  marks,
  hit,
  selection,
  options,
  onFold,
}: Pick<LogListProps, 'states' | 'marks' | 'hit' | 'selection' | 'options' | 'onFold'> & { row: Row }) {
  const { line } = row;
  const of = {
    start: states.startOf(line),
    marks: marks.of(line),
    isHit: line.id === hit,
    isSelected: selection !== undefined && line.id >= selection.first && line.id <= selection.last,
    previous: options.previousOf?.(line),
    options,
  };
  return <ListRow row={row} of={of} onFold={onFold} />;
}

/** What the hash of several lines names, so that a browser finds it without a script; a single line's row has its own id. */
function rangeIdOf(row: Row, range: LineRange | undefined): string | undefined {
  if (!range || range.first === range.last || row.line.id !== range.first) return undefined;
  return formatLineHash(range).slice(1);
}

/** Something inside has the focus. */
function holdsFocus(element: HTMLElement | null): boolean {
  const { activeElement } = document;
  return element?.contains(activeElement) === true;
}

const NO_PLACES: readonly number[] = [];

/** The indexes of rows with these lines. */
function placesOf(rows: RowList, ids: readonly number[] | undefined): readonly number[] {
  if (!ids || ids.length === 0) return NO_PLACES;
  return ids.map((id) => rows.indexOf(id)).filter((index) => index !== -1);
}

function withKept(indexes: number[], kept: readonly number[]): number[] {
  return kept.length === 0 ? indexes : [...new Set([...indexes, ...kept])].sort((a, b) => a - b);
}

interface MeasuredRows {
  items: VirtualItem[];
  /** Where the list is scrolled to, in pixels from its top. */
  offset: number;
}

/** The rows of the plain list as the virtual one would have measured them, so that nothing moves when it takes over. */
function measureRows(scroller: HTMLElement): MeasuredRows {
  const items: VirtualItem[] = [];
  let start = HEAD_PX;
  for (const row of scroller.querySelectorAll<HTMLElement>('[data-row]')) {
    const size = row.offsetHeight;
    const key = Number(row.dataset.row);
    items.push({ key, index: items.length, start, end: start + size, size, lane: 0 });
    start += size;
  }
  // The plain list is laid out from its end: its scroll position is 0 there and negative above.
  return { items, offset: Math.max(0, scroller.scrollHeight - scroller.clientHeight + scroller.scrollTop) };
}
