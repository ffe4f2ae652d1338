'use client';

import { X } from 'lucide-react';
import { memo, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { dayOf, timeOfDay, type Zone, zoneName } from '@/components/format/instant';
import type { Sight } from '@/components/log-viewer/sight-store';
import type { Volume } from '@/lib/protocol/api';
import type { Level } from '@/lib/protocol/log-message';
import { BinTooltip, describeRange } from './bin-tooltip';
import { useBinCursor } from './use-bin-cursor';
import {
  type Bar,
  describeCounts,
  edgesOf,
  fractionOf,
  layOutBars,
  rangeOf,
  STACKED_LEVELS,
  sumBins,
} from './volume-bins';

/** A time range that restricts the lines; absent ends do not. */
export interface TimeRange {
  from?: string | undefined;
  to?: string | undefined;
}

export interface VolumeHistogramProps {
  volume: Volume | undefined;
  /** A set range, shown as a brush. */
  range: TimeRange;
  /** The lines in sight, shown as a slim mark. */
  view?: Pick<Sight, 'from' | 'to'> | undefined;
  /** Of the times that are written. */
  zone: Zone;
  onJump: (iso: string) => void;
  onRange: (from: string, to: string, isLast: boolean) => void;
  onClear: () => void;
}

/**
 * A run's lines over time, stacked by level. A click jumps to the first line of a bar, a drag selects a range; with the
 * keyboard it is a slider over the bars: arrows move, Enter jumps, Shift with arrows selects.
 */
export function VolumeHistogram({ volume, range, view, zone, onJump, onRange, onClear }: VolumeHistogramProps) {
  const plot = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(plot);
  const label = useMemo(() => labelOf(volume, zone), [volume, zone]);
  const bins = volume?.bins ?? [];
  const count = bins.length;
  const { bin, anchorBin, pointer, keys } = useBinCursor({ volume, onJump, onRange, onClear });
  const first = bin === undefined ? undefined : Math.min(bin, anchorBin ?? bin);
  const last = bin === undefined ? undefined : Math.max(bin, anchorBin ?? bin);
  const pointed =
    volume && first !== undefined && last !== undefined
      ? { range: rangeOf(volume, first, last), counts: sumBins(bins.slice(first, last + 1)), first, last }
      : undefined;
  const isRanged = range.from !== undefined || range.to !== undefined;
  const hasBrush = volume !== undefined && count > 0 && isRanged;
  const span = (from: number, to: number) => ({
    left: edgesOf(from, count, width).left,
    right: edgesOf(to, count, width).right,
  });

  return (
    <div className="volume relative border-b bg-canvas px-3">
      <div
        ref={plot}
        role="slider"
        tabIndex={count > 0 ? 0 : -1}
        aria-label={label}
        aria-disabled={count === 0}
        aria-valuemin={0}
        aria-valuemax={Math.max(0, count - 1)}
        aria-valuenow={bin ?? Math.max(0, count - 1)}
        aria-valuetext={
          pointed ? `${describeRange(pointed.range, zone)}: ${describeCounts(pointed.counts)}` : undefined
        }
        className="volume-plot"
        {...pointer}
        {...keys}
      >
        <Bars volume={volume} width={width} height={height} />
        {hasBrush && <Brush volume={volume} range={range} width={width} />}
        {pointed && <Pointed {...span(pointed.first, pointed.last)} isRange={anchorBin !== undefined} />}
        {volume && view && count > 0 && <ViewMark volume={volume} view={view} width={width} />}
      </div>
      {volume && count > 0 && <Axis volume={volume} zone={zone} />}
      {pointed && (
        <div className="absolute inset-x-3 bottom-0">
          <BinTooltip
            range={pointed.range}
            counts={pointed.counts}
            left={(pointed.first + pointed.last + 1) / 2 / count}
            zone={zone}
          />
        </div>
      )}
      {isRanged && (
        <button
          type="button"
          aria-label="Clear the time range"
          title="Clear the time range"
          onClick={onClear}
          className="absolute top-1 right-1 grid size-6 place-items-center rounded bg-raised text-fg-muted shadow-pop hover:text-fg"
        >
          <X aria-hidden className="size-3.5" />
        </button>
      )}
    </div>
  );
}

function labelOf(volume: Volume | undefined, zone: Zone): string {
  if (!volume) return 'Lines over time';
  if (volume.bins.length === 0) return 'Lines over time: none yet';
  return `Lines over time: ${describeCounts(sumBins(volume.bins))}, ${describeRange(volume, zone, true)}`;
}

const Bars = memo(function Bars({
  volume,
  width,
  height,
}: {
  volume: Volume | undefined;
  width: number;
  height: number;
}) {
  const bars = useMemo(() => layOutBars(volume?.bins ?? [], width, height), [volume, width, height]);
  return (
    <svg aria-hidden width={width} height={height} shapeRendering="crispEdges" className="absolute inset-0">
      {STACKED_LEVELS.map((level) => (
        <path key={level} d={toPath(bars[level])} className={LEVEL_FILLS[level]} />
      ))}
    </svg>
  );
});

const LEVEL_FILLS: Record<Level, string> = {
  error: 'fill-danger',
  warn: 'fill-warning',
  info: 'volume-info',
  debug: 'volume-debug',
};

function toPath(bars: readonly Bar[]): string {
  return bars.map(({ x, y, width, height }) => `M${x} ${y}h${width}v${height}h${-width}z`).join('');
}

function Brush({ volume, range, width }: { volume: Volume; range: TimeRange; width: number }) {
  const left = range.from === undefined ? 0 : Math.round(fractionOf(volume, range.from) * width);
  const right = range.to === undefined ? width : Math.round(fractionOf(volume, range.to) * width);
  return (
    <>
      <span aria-hidden className="volume-shade" style={{ left: 0, width: left }} />
      <span aria-hidden className="volume-shade" style={{ left: right, width: Math.max(0, width - right) }} />
      <span aria-hidden className="volume-brush" style={{ left, width: Math.max(2, right - left) }} />
    </>
  );
}

function Pointed({ left, right, isRange }: { left: number; right: number; isRange: boolean }) {
  return (
    <span
      aria-hidden
      className={isRange ? 'volume-brush' : 'volume-pointed'}
      style={{ left, width: Math.max(2, right - left) }}
    />
  );
}

function ViewMark({ volume, view, width }: { volume: Volume; view: Pick<Sight, 'from' | 'to'>; width: number }) {
  const left = Math.round(fractionOf(volume, view.from) * width);
  const right = Math.round(fractionOf(volume, view.to) * width);
  const size = Math.max(3, right - left);
  return (
    <span
      aria-hidden
      data-view-mark=""
      className="volume-view"
      style={{ left: Math.min(left, width - size), width: size }}
    />
  );
}

/** Where the run begins and ends, with the day where it is more than one. */
function Axis({ volume, zone }: { volume: Volume; zone: Zone }) {
  const isOneDay = dayOf(volume.from, zone) === dayOf(volume.to, zone);
  const text = (iso: string) =>
    isOneDay ? timeOfDay(iso, zone, 'seconds') : `${dayOf(iso, zone)} ${timeOfDay(iso, zone, 'seconds')}`;
  return (
    <div aria-hidden className="volume-axis">
      <span>{text(volume.from)}</span>
      <span>{`${text(volume.to)} ${zoneName(new Date(volume.to), zone)}`}</span>
    </div>
  );
}

function useSize(ref: { current: HTMLElement | null }): { width: number; height: number } {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const element = ref.current;
    if (!element) return;
    const observer = new ResizeObserver(() => {
      const [width, height] = [element.clientWidth, element.clientHeight];
      setSize((last) => (last.width === width && last.height === height ? last : { width, height }));
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref]);
  return size;
}
