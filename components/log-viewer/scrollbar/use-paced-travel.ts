import { useEffect, useRef } from 'react';
import { useStableCallback } from '@/components/log-viewer/use-stable-callback';

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
 * nothing would ever be shown. So the next place waits while the list `isGoing` to the one before, and only the newest of those that wait is
 * gone to.
 */
export function usePacedTravel(isGoing: boolean, go: (line: number) => void): PacedTravel {
  /** Asked to go, and not seen going yet. */
  const isAsked = useRef(false);
  const waiting = useRef<number>(undefined);

  const drop = useStableCallback(() => {
    waiting.current = undefined;
  });

  const settle = useStableCallback(() => {
    const line = waiting.current;
    drop();
    if (line === undefined) return;
    isAsked.current = true;
    go(line);
  });

  const to = useStableCallback((line: number) => {
    waiting.current = line;
    if (!isGoing && !isAsked.current) settle();
  });

  useEffect(() => {
    isAsked.current = false;
    if (!isGoing) settle();
  }, [isGoing, settle]);

  return { to, settle, drop };
}
