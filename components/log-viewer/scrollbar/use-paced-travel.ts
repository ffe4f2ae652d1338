import { useEffect, useRef } from 'react';
import { useStableCallback } from '@/components/log-viewer/use-stable-callback';

/** After this long a place is given up for the next: its lines may have failed to load. */
const PATIENCE_MS = 1000;

interface PacedTravel {
  /** Goes to a line, or as soon as the list has come to the one before. */
  to: (line: number) => void;
  /** Goes to the line asked for last without waiting: the drag is over. */
  settle: () => void;
  /** Forgets the line that waits: the list goes elsewhere. */
  drop: () => void;
}

/**
 * Brings a list along with a drag. A place whose lines are not held is loaded, and asking for another one ends that: while a pointer moves,
 * nothing would ever be shown. So the next place waits for the one before, and only the newest of those that wait is gone to. `seen` is the
 * first line in sight.
 */
export function usePacedTravel(seen: number, go: (line: number) => void): PacedTravel {
  const asked = useRef<{ seen: number; at: number }>(undefined);
  const waiting = useRef<number>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const drop = useStableCallback(() => {
    clearTimeout(timer.current);
    waiting.current = undefined;
  });

  const settle = useStableCallback(() => {
    const line = waiting.current;
    drop();
    if (line === undefined) return;
    asked.current = line === seen ? undefined : { seen, at: performance.now() };
    go(line);
  });

  const to = useStableCallback((line: number) => {
    waiting.current = line;
    const before = asked.current;
    const left = before === undefined ? 0 : before.at + PATIENCE_MS - performance.now();
    clearTimeout(timer.current);
    if (before === undefined || before.seen !== seen || left <= 0) settle();
    else timer.current = setTimeout(settle, left);
  });

  useEffect(() => {
    if (asked.current !== undefined && asked.current.seen !== seen) {
      asked.current = undefined;
      settle();
    }
  }, [seen, settle]);

  useEffect(() => () => clearTimeout(timer.current), []);
  return { to, settle, drop };
}
