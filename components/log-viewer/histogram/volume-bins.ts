import { formatCounted } from '@/components/format/quantity';
import type { Volume } from '@/lib/protocol/api';
import type { Level } from '@/lib/protocol/log-message';
import { parseTimestamp } from '@/lib/protocol/timestamp';

export type VolumeBin = Volume['bins'][number];

/** From what stands at the bottom of a bar to what stands on top: errors have one ground, so that they compare. */
export const STACKED_LEVELS: readonly Level[] = ['error', 'warn', 'info', 'debug'];

/** What a bar's part of a level takes at least, so that one error among a million lines is seen. */
const LEVEL_PX_MIN: Record<Level, number> = { error: 2, warn: 2, info: 1, debug: 1 };

/** A rectangle in whole pixels, from the top left. */
export interface Bar {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function linesOf(bin: VolumeBin): number {
  return bin.error + bin.warn + bin.info + bin.debug;
}

/** The bars of each level in a plot of that many pixels, on whole pixels so that edges are crisp. */
export function layOutBars(bins: readonly VolumeBin[], width: number, height: number): Record<Level, Bar[]> {
  const bars: Record<Level, Bar[]> = { error: [], warn: [], info: [], debug: [] };
  const most = bins.reduce((max, bin) => Math.max(max, linesOf(bin)), 0);
  if (most === 0) return bars;
  for (const [index, bin] of bins.entries()) {
    const { left, right } = edgesOf(index, bins.length, width);
    const gap = right - left > 2 ? 1 : 0;
    let y = height;
    const parts = STACKED_LEVELS.filter((level) => bin[level] > 0);
    const heights = parts.map((level) => Math.max(LEVEL_PX_MIN[level], Math.round((bin[level] / most) * height)));
    // What small parts were given above their share is taken from the largest.
    const surplus = heights.reduce((sum, part) => sum + part, 0) - height;
    const largest = heights.indexOf(Math.max(...heights));
    for (const [part, level] of parts.entries()) {
      const size = (heights[part] ?? 0) - (part === largest && surplus > 0 ? surplus : 0);
      y -= size;
      bars[level].push({ x: left, y, width: Math.max(1, right - left - gap), height: size });
    }
  }
  return bars;
}

/** Where a bin begins and ends in a plot, in whole pixels. */
export function edgesOf(index: number, count: number, width: number): { left: number; right: number } {
  return { left: Math.round((index / count) * width), right: Math.round(((index + 1) / count) * width) };
}

/** The bin at a place of the plot; the first or last one where it lies outside. */
export function binAt(x: number, count: number, width: number): number {
  return Math.min(count - 1, Math.max(0, Math.floor((x / Math.max(1, width)) * count)));
}

/** Where a time lies in the volume, 0 to 1. */
export function fractionOf(volume: Volume, iso: string): number {
  const from = parseTimestamp(volume.from) ?? 0;
  const length = volume.bins.length * volume.bucket_ms * 1000;
  const at = (parseTimestamp(iso) ?? 0) - from;
  return length === 0 ? 0 : Math.min(1, Math.max(0, at / length));
}

/** The bin that a time lies in; the first or last one where it lies outside. */
export function binOf(volume: Volume, iso: string): number {
  return binAt(fractionOf(volume, iso), volume.bins.length, 1);
}

/** The times of bins, [from, to): `to` is where the next one begins. */
export function rangeOf(volume: Volume, first: number, last: number): { from: string; to: string } {
  const [low, high] = first <= last ? [first, last] : [last, first];
  return { from: volume.bins[low]?.at ?? volume.from, to: volume.bins[high + 1]?.at ?? volume.to };
}

/** The lines of bins, by level. */
export function sumBins(bins: readonly VolumeBin[]): Record<Level, number> {
  const sums: Record<Level, number> = { error: 0, warn: 0, info: 0, debug: 0 };
  for (const bin of bins) for (const level of STACKED_LEVELS) sums[level] += bin[level];
  return sums;
}

/** `12 lines, 1 error, 2 warnings`. */
export function describeCounts(counts: Record<Level, number>): string {
  const total = counts.error + counts.warn + counts.info + counts.debug;
  const parts = [formatCounted(total, 'line')];
  if (counts.error > 0) parts.push(formatCounted(counts.error, 'error'));
  if (counts.warn > 0) parts.push(formatCounted(counts.warn, 'warning'));
  return parts.join(', ');
}
