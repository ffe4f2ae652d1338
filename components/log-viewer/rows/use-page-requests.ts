import type { Virtualizer } from '@tanstack/react-virtual';
import { type RefObject, useEffect, useRef } from 'react';

interface PageOptions {
  scroller: RefObject<HTMLDivElement | null>;
  lines: readonly unknown[];
  rows: readonly unknown[];
  isFollowing: boolean;
  onFollowingChange: (following: boolean) => void;
  /** The reader is near the first or the last line that is held. */
  onNearStart?: (() => void) | undefined;
  onNearEnd?: (() => void) | undefined;
  /** Changes with each page that moved an end of what is held, also where it brought no line. */
  pages?: number | undefined;
  /** With a page more, lines would be dropped at the other end. */
  isFull?: boolean | undefined;
}

/** Pages are asked for this early, so that a fast wheel meets lines that are there. */
const NEAR_ROWS = 250;
/** A list that follows has at least this many rows above its end, so that scrolling up begins smoothly. */
const FOLLOWED_ROWS_MIN = 150;
/** A list that follows has no more lines because of that: a screen full of headers is enough. */
const FOLLOWED_LINES_MAX = 3000;

/**
 * Asks for lines beyond those that are held when the reader comes near their ends. Many lines can be folded into few
 * rows, so that both ends are near at once: then lines are added until the window is full, and exchanged for others only
 * where the reader turns the wheel that way. It never asks at both ends in turn.
 */
export function usePageRequests(
  virtualizer: Virtualizer<HTMLDivElement, HTMLDivElement>,
  { scroller, lines, rows, pages, isFollowing, onFollowingChange, onNearStart, onNearEnd, isFull = false }: PageOptions,
): void {
  const startIndex = virtualizer.range?.startIndex;
  const endIndex = virtualizer.range?.endIndex;
  const isNearStart = startIndex !== undefined && startIndex < NEAR_ROWS;
  const isNearEnd = endIndex !== undefined && endIndex >= rows.length - NEAR_ROWS;

  useEffect(() => {
    if (rows.length === 0) {
      onNearStart?.();
      onNearEnd?.();
      return;
    }
    if (startIndex === undefined || endIndex === undefined) return;
    if (isFollowing) {
      if (rows.length < FOLLOWED_ROWS_MIN && !isFull && lines.length < FOLLOWED_LINES_MAX) onNearStart?.();
    } else if (isNearStart && !(isFull && isNearEnd)) onNearStart?.();
    if (isNearEnd && !(isFull && isNearStart)) onNearEnd?.();
  }, [startIndex, endIndex, isFollowing, lines, rows, pages, onNearStart, onNearEnd]);

  const latest = useRef<{ up?: (() => void) | undefined; down?: (() => void) | undefined }>({});
  useEffect(() => {
    if (!isNearStart || !isNearEnd) latest.current = {};
    else if (!isFollowing) latest.current = isFull ? { up: onNearStart, down: onNearEnd } : {};
    // A list that is too short to scroll cannot be left by scrolling.
    else latest.current = { up: isFull ? () => onFollowingChange(false) : onNearStart };
  }, [isFull, isNearStart, isNearEnd, isFollowing, onFollowingChange, onNearStart, onNearEnd]);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onWheel = ({ deltaY }: WheelEvent) => {
      if (deltaY < 0) latest.current.up?.();
      else if (deltaY > 0) latest.current.down?.();
    };
    element.addEventListener('wheel', onWheel, { passive: true });
    return () => element.removeEventListener('wheel', onWheel);
  }, [scroller]);
}
