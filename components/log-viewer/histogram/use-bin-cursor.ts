'use client';

import { type KeyboardEvent, type PointerEvent, useRef, useState } from 'react';
import type { Volume } from '@/lib/protocol/api';
import { binAt, binOf, rangeOf } from './volume-bins';

/** A press that moves less is a click. */
const DRAG_PX = 4;
const PAGE_BINS = 10;

export interface BinCursorOptions {
  volume: Volume | undefined;
  /** First line of what was pointed at. */
  onJump: (iso: string) => void;
  /** [from, to) that was selected; `isLast`: up to the run's newest line. */
  onRange: (from: string, to: string, isLast: boolean) => void;
  onClear: () => void;
}

/** The bins that a pointer or the keyboard is at, as times: bins move while a run goes on. */
interface Cursor {
  at: string;
  /** Where a selection began that ends at `at`. */
  anchor?: string | undefined;
}

/** Pointing at bins: hover and arrows move, a click or Enter jumps, a drag or Shift with arrows selects. */
export function useBinCursor({ volume, onJump, onRange, onClear }: BinCursorOptions) {
  const [cursor, setCursor] = useState<Cursor>();
  const press = useRef<{ x: number; pointer: number }>(undefined);
  /** Where the reader was last: keys go on from there after the pointer left. */
  const resume = useRef<string>(undefined);
  const count = volume?.bins.length ?? 0;
  const bin = cursor && volume && count > 0 ? binOf(volume, cursor.at) : undefined;
  const anchorBin = cursor?.anchor !== undefined && volume && count > 0 ? binOf(volume, cursor.anchor) : undefined;

  const restingBin = () => (volume && resume.current !== undefined ? binOf(volume, resume.current) : count - 1);
  const timeOf = (index: number) => volume?.bins[index]?.at ?? '';
  const select = (first: number, last: number) => {
    if (!volume) return;
    const { from, to } = rangeOf(volume, first, last);
    onRange(from, to, Math.max(first, last) === count - 1);
  };
  const binUnder = (event: PointerEvent) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return binAt(event.clientX - left, count, width);
  };

  const finish = () => {
    press.current = undefined;
    resume.current = cursor?.at;
    setCursor((last) => last && { at: last.at });
  };

  const pointer = {
    onPointerDown: (event: PointerEvent<HTMLElement>) => {
      if (count === 0 || event.button !== 0) return;
      event.currentTarget.setPointerCapture(event.pointerId);
      press.current = { x: event.clientX, pointer: event.pointerId };
      setCursor({ at: timeOf(binUnder(event)) });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>) => {
      if (count === 0) return;
      const at = timeOf(binUnder(event));
      const isDrag = press.current !== undefined && Math.abs(event.clientX - press.current.x) >= DRAG_PX;
      setCursor((last) => {
        const anchor = isDrag ? (last?.anchor ?? last?.at) : last?.anchor;
        return last?.at === at && last.anchor === anchor ? last : { at, anchor };
      });
    },
    onPointerUp: (event: PointerEvent<HTMLElement>) => {
      if (press.current?.pointer !== event.pointerId) return;
      const here = binUnder(event);
      if (anchorBin === undefined) onJump(timeOf(here));
      else select(anchorBin, here);
      finish();
    },
    onPointerCancel: () => {
      press.current = undefined;
      setCursor(undefined);
    },
    onPointerLeave: () => {
      if (press.current === undefined) setCursor(undefined);
    },
  };

  const keys = {
    onKeyDown: (event: KeyboardEvent) => {
      if (count === 0 || event.altKey || event.ctrlKey || event.metaKey) return;
      const from = bin ?? restingBin();
      const goal = STEPS[event.key]?.(from, count);
      if (goal !== undefined) {
        const at = timeOf(Math.min(count - 1, Math.max(0, goal)));
        setCursor({ at, anchor: event.shiftKey ? (cursor?.anchor ?? timeOf(from)) : undefined });
      } else if (event.key === 'Enter' || event.key === ' ') {
        if (anchorBin === undefined) onJump(timeOf(from));
        else select(anchorBin, from);
        finish();
      } else if (event.key === 'Escape') {
        if (cursor?.anchor === undefined) onClear();
        finish();
      } else return;
      event.preventDefault();
      event.stopPropagation();
    },
    onKeyUp: (event: KeyboardEvent) => {
      if (event.key !== 'Shift' || anchorBin === undefined || press.current) return;
      select(anchorBin, bin ?? anchorBin);
      finish();
    },
    onFocus: () => {
      if (count > 0 && !press.current) setCursor((last) => last ?? { at: timeOf(restingBin()) });
    },
    onBlur: () => setCursor(undefined),
  };

  return { bin, anchorBin, pointer, keys };
}

const STEPS: Readonly<Record<string, (from: number, count: number) => number>> = {
  ArrowLeft: (from) => from - 1,
  ArrowRight: (from) => from + 1,
  ArrowDown: (from) => from - 1,
  ArrowUp: (from) => from + 1,
  PageDown: (from) => from - PAGE_BINS,
  PageUp: (from) => from + PAGE_BINS,
  Home: () => 0,
  End: (_, count) => count - 1,
};
