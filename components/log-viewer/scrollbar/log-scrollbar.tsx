'use client';

import { type PointerEvent, type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { formatCount } from '@/components/format/quantity';
import { lineAtThumb, pixelsOf, type Thumb, type Track, thumbOf } from './line-track';
import { usePacedTravel } from './use-paced-travel';

const THUMB_PX_MIN = 28;

interface Drag {
  /** Where in the thumb it is held, in pixels from its upper end. */
  grip: number;
  thumb: Thumb;
  line: number;
}

/**
 * A scroll bar over the whole run: the list beside it holds only the lines around the reader, so the browser's own bar
 * could not. Dragging and clicking name lines; the wheel goes on to the list.
 */
export function LogScrollbar({
  track,
  hits,
  selected,
  scroller,
  controls,
  isGoing,
  onGoTo,
  onGoToNewest,
}: {
  track: Track;
  /** Lines to mark, ascending. A new array where its content changed. */
  hits: readonly number[];
  /** A linked line. */
  selected: number | undefined;
  scroller: () => HTMLElement | null;
  /** The id of the list. */
  controls: string;
  /** The list is on the way to a line. */
  isGoing: boolean;
  /** Brings a line to the upper edge of the list. */
  onGoTo: (line: number) => void;
  onGoToNewest: () => void;
}) {
  const bar = useRef<HTMLDivElement>(null);
  const height = useHeight(bar);
  const [drag, setDrag] = useState<Drag>();
  const next = useRef<{ frame: number; go: () => void }>(undefined);
  useEffect(() => () => cancelAnimationFrame(next.current?.frame ?? 0), []);
  const travel = usePacedTravel(isGoing, onGoTo);

  const thumb = thumbOf(track, height === 0 ? 0 : Math.min(1, THUMB_PX_MIN / height));
  const shown = drag?.thumb ?? thumb;
  const isIdle = thumb.size >= 1;

  const dragTo = (clientY: number, grip: number) => {
    const box = bar.current?.getBoundingClientRect();
    if (!box || box.height === 0) return;
    const top = Math.min(1 - thumb.size, Math.max(0, (clientY - box.top - grip) / box.height));
    const line = lineAtThumb(track, { top, size: thumb.size });
    const isEnd = top >= 1 - thumb.size - 0.5 / box.height;
    setDrag({ grip, thumb: { top, size: thumb.size }, line: isEnd ? track.newest : line });
    cancelAnimationFrame(next.current?.frame ?? 0);
    const go = () => {
      next.current = undefined;
      if (!isEnd) return travel.to(line);
      travel.drop();
      onGoToNewest();
    };
    next.current = { frame: requestAnimationFrame(go), go };
  };
  const endDrag = () => {
    setDrag(undefined);
    cancelAnimationFrame(next.current?.frame ?? 0);
    next.current?.go();
    travel.settle();
  };

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    if (event.button !== 0 || isIdle) return;
    event.preventDefault();
    event.currentTarget.setPointerCapture(event.pointerId);
    const box = event.currentTarget.getBoundingClientRect();
    const at = event.clientY - box.top - thumb.top * box.height;
    const isOnThumb = at >= 0 && at <= thumb.size * box.height;
    dragTo(event.clientY, isOnThumb ? at : (thumb.size * box.height) / 2);
  };

  // React's wheel listeners are passive; scrolling a box needs none that is not.
  return (
    <div
      ref={bar}
      role="scrollbar"
      tabIndex={-1}
      aria-label="Whole run"
      aria-orientation="vertical"
      aria-controls={controls}
      aria-valuemin={track.first}
      aria-valuemax={Math.max(track.first, track.newest)}
      aria-valuenow={Math.min(Math.max(track.view.first, track.first), Math.max(track.first, track.newest))}
      data-idle={isIdle ? '' : undefined}
      className="log-scrollbar"
      onPointerDown={onPointerDown}
      onPointerMove={(event) => drag && dragTo(event.clientY, drag.grip)}
      onPointerUp={endDrag}
      onPointerCancel={endDrag}
      onLostPointerCapture={endDrag}
      onWheel={(event) => scroller()?.scrollBy({ top: event.deltaY })}
    >
      <Marks hits={hits} track={track} height={height} />
      {selected !== undefined && selected >= track.first && selected <= track.newest && (
        <div
          aria-hidden
          className="log-scrollbar-selected"
          style={{ top: `${((selected - track.first) / (track.newest - track.first + 1)) * 100}%` }}
        />
      )}
      {!isIdle && (
        <div
          className="log-thumb"
          data-dragging={drag ? '' : undefined}
          style={{ top: `${shown.top * 100}%`, height: `${shown.size * 100}%` }}
        />
      )}
      {drag && (
        <output
          className="log-thumb-label"
          style={{ top: `clamp(0.75rem, ${(shown.top + shown.size / 2) * 100}%, calc(100% - 0.75rem))` }}
        >
          {formatCount(drag.line)}
        </output>
      )}
    </div>
  );
}

/** One tick for each pixel that holds a hit. */
function Marks({ hits, track, height }: { hits: readonly number[]; track: Track; height: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { first } = track;
  // A run that grows moves its marks; a hundredth of its length more is seen by nobody.
  const step = 2 ** Math.max(0, Math.floor(Math.log2(Math.max(1, track.newest - first + 1))) - 7);
  const newest = Math.ceil(track.newest / step) * step;
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context) return;
    const ratio = devicePixelRatio;
    const rows = Math.floor(height);
    element.width = Math.ceil(element.clientWidth * ratio);
    element.height = Math.ceil(rows * ratio);
    context.fillStyle = getComputedStyle(element).color;
    const marked = pixelsOf(hits, { first, newest, view: { first, last: first } }, rows);
    marked.forEach((isMarked, row) => {
      if (isMarked) context.fillRect(0, row * ratio, element.width, 2 * ratio);
    });
  }, [hits, first, newest, height]);
  if (hits.length === 0) return null;
  return <canvas ref={canvas} aria-hidden className="log-scrollbar-marks" data-marks={hits.length} />;
}

function useHeight(element: RefObject<HTMLElement | null>): number {
  const [height, setHeight] = useState(0);
  useLayoutEffect(() => {
    if (!element.current) return;
    const observer = new ResizeObserver(([entry]) => setHeight(entry?.contentRect.height ?? 0));
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element]);
  return height;
}
