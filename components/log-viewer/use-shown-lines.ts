'use client';

import { useMemo, useState } from 'react';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { ShownFilter } from './find/use-shown-filter';
import { ShownLines } from './shown-lines';
import { TerminalStates } from './terminal-states';

/** Of the lines that are held, those that are shown; the style each begins with; and what is asked about one of them. */
export function useShownLines(
  held: readonly LogMessage[],
  { showsLine, filter }: ShownFilter,
  isSwitching: boolean,
): { lines: readonly LogMessage[]; states: TerminalStates; shownLines: ShownLines } {
  const [states] = useState(() => new TerminalStates());
  const [shownLines] = useState(() => new ShownLines());
  // Streams, tasks, attempts and times leave those that pass whole.
  const hasGaps = filter.levels.length > 0 || filter.text.trim() !== '';
  const lines = useMemo(() => {
    states.follow(held, hasGaps);
    const passing = held.filter((line) => showsLine(line, isSwitching));
    shownLines.follow(passing);
    return passing;
  }, [held, hasGaps, showsLine, states, shownLines, isSwitching]);
  return { lines, states, shownLines };
}
