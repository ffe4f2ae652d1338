'use client';

import {
  defaultRangeExtractor,
  elementScroll,
  type Range,
  useVirtualizer,
  type VirtualItem,
} from '@tanstack/react-virtual';
import { type ReactNode, type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useIsHydrated } from '@/components/ui/now';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { LineRange } from './line-hash';
import { LogRow, type RowOptions } from './log-row';
import type { TerminalStates } from './terminal-states';
import { useFollow } from './use-follow';
import type { LineMatcher } from './viewer-filter';

export interface LogListProps {
  label: string;
  /** Ascending by id. */
  lines: readonly LogMessage[];
  states: TerminalStates;
  matcher: LineMatcher;
  selection: LineRange | undefined;
  options: RowOptions;
  isFollowing: boolean;
  /** Reaching the end begins to follow. */
  canFollow: boolean;
  onFollowingChange: (following: boolean) => void;
  /** The reader is near the first or the last line that is held. */
  onNearStart?: (() => void) | undefined;
  onNearEnd?: (() => void) | undefined;
  /** A line to bring into sight, and what to call when it is. */
  scrollTo?: { line: number; align: 'center' | 'auto' } | undefined;
  onReached?: (() => void) | undefined;
  /** Told which line is in the middle of what is in sight. */
  onInSight?: ((line: number | undefined) => void) | undefined;
  /** Told the times of the first and last line in sight. */
  onTimesInSight?: ((times: { from: string; to: string } | undefined) => void) | undefined;
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
const NEAR_ROWS = 40;
/** A list that follows has at least this many rows above its end, so that scrolling up begins smoothly. */
const FOLLOWED_ROWS_MIN = 150;

/**
 * The scrolling list. The server and the first render show all rows, from the bottom, as plain HTML; then only those in
 * sight are kept in the page, at the same place.
 */
export function LogList(props: LogListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const isHydrated = useIsHydrated();
  const [measured, setMeasured] = useState<MeasuredRows>();

  useLayoutEffect(() => {
    if (!isHydrated || !scroller.current) return;
    // A scrolling region must be reachable by keyboard (WCAG 2.1.1), whatever its role.
    scroller.current.tabIndex = 0;
    setMeasured(measureRows(scroller.current));
  }, [isHydrated]);

  return (
    <div
      ref={scroller}
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
}

function AllRows({ lines, states, matcher, selection, options, head, foot }: LogListProps) {
  return (
    <div>
      <div className="log-head">{head}</div>
      {lines.map((line) => (
        <div key={line.id} data-row="">
          <Row line={line} states={states} matcher={matcher} selection={selection} options={options} />
        </div>
      ))}
      {foot}
    </div>
  );
}

function VirtualRows(props: LogListProps & { scroller: RefObject<HTMLDivElement | null>; measured: MeasuredRows }) {
  const {
    lines,
    scroller,
    options,
    head,
    foot,
    isFollowing,
    scrollTo,
    onReached,
    onInSight,
    onTimesInSight,
    onNearStart,
    onNearEnd,
  } = props;
  const footRef = useRef<HTMLDivElement>(null);
  // While the reader follows, the last rows are what is in sight; the scroll position is known a frame too late for that.
  const rangeExtractor = useCallback(
    (range: Range) => {
      if (!isFollowing) return defaultRangeExtractor(range);
      const rows = Math.ceil((scroller.current?.clientHeight ?? 0) / ROW_PX) + FOLLOW_OVERSCAN_ROWS;
      return defaultRangeExtractor({ ...range, startIndex: range.count - rows, endIndex: range.count - 1 });
    },
    [isFollowing, scroller],
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
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: (index) => lines[index]?.id ?? index,
    overscan: OVERSCAN_ROWS,
    rangeExtractor,
    scrollToFn,
    scrollMargin: HEAD_PX,
    anchorTo: 'end',
    initialMeasurementsCache: props.measured.items,
    initialOffset: props.measured.offset,
  });

  useFollow(virtualizer, { ...props, foot: footRef, written });

  // Sizes of lines that are no longer held would pile up over a long day.
  useEffect(() => {
    const sizes = virtualizer.itemSizeCache;
    const oldest = lines[0]?.id ?? 0;
    if (sizes.size < 3 * lines.length + 1000) return;
    for (const key of sizes.keys()) if (typeof key === 'number' && key < oldest) sizes.delete(key);
  }, [lines, virtualizer]);

  const isWrapped = useRef(options);
  useLayoutEffect(() => {
    if (isWrapped.current === options) return;
    isWrapped.current = options;
    virtualizer.measure();
  }, [options, virtualizer]);

  useEffect(() => {
    if (!scrollTo) return;
    const index = lines.findIndex((line) => line.id >= scrollTo.line);
    if (index !== -1) virtualizer.scrollToIndex(index, { align: scrollTo.align });
    onReached?.();
  }, [scrollTo, lines, onReached, virtualizer]);

  const middle = Math.floor(((virtualizer.range?.startIndex ?? 0) + (virtualizer.range?.endIndex ?? 0)) / 2);
  const middleLine = lines[middle]?.id;
  useEffect(() => onInSight?.(middleLine), [onInSight, middleLine]);
  const from = lines[virtualizer.range?.startIndex ?? 0]?.timestamp;
  const to = lines[virtualizer.range?.endIndex ?? 0]?.timestamp;
  useEffect(
    () => onTimesInSight?.(from === undefined || to === undefined ? undefined : { from, to }),
    [onTimesInSight, from, to],
  );

  const items = virtualizer.getVirtualItems();
  const startIndex = virtualizer.range?.startIndex;
  const endIndex = virtualizer.range?.endIndex;
  useEffect(() => {
    if (startIndex === undefined || endIndex === undefined) return;
    if (isFollowing ? lines.length < FOLLOWED_ROWS_MIN : startIndex < NEAR_ROWS) onNearStart?.();
    if (endIndex >= lines.length - NEAR_ROWS) onNearEnd?.();
  }, [startIndex, endIndex, isFollowing, lines, onNearStart, onNearEnd]);

  return (
    <div>
      <div className="log-head">{head}</div>
      <div style={{ height: virtualizer.getTotalSize() }} className="log-canvas">
        <div style={{ transform: `translateY(${(items[0]?.start ?? HEAD_PX) - HEAD_PX}px)` }} className="log-block">
          {items.map((item) => {
            const line = lines[item.index];
            return (
              line && (
                <div key={item.key} data-index={item.index} ref={virtualizer.measureElement}>
                  <Row {...props} line={line} />
                </div>
              )
            );
          })}
        </div>
      </div>
      <div ref={footRef}>{foot}</div>
    </div>
  );
}

function Row({
  line,
  states,
  matcher,
  selection,
  options,
}: Pick<LogListProps, 'states' | 'matcher' | 'selection' | 'options'> & { line: LogMessage }) {
  return (
    <LogRow
      line={line}
      start={states.startOf(line)}
      marks={matcher.marks(line)}
      isSelected={selection !== undefined && line.id >= selection.first && line.id <= selection.last}
      previous={options.previousOf?.(line)}
      options={options}
    />
  );
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
    const key = Number(row.querySelector<HTMLElement>('[data-line]')?.dataset.line);
    items.push({ key, index: items.length, start, end: start + size, size, lane: 0 });
    start += size;
  }
  // The plain list is laid out from its end: its scroll position is 0 there and negative above.
  return { items, offset: Math.max(0, scroller.scrollHeight - scroller.clientHeight + scroller.scrollTop) };
}
