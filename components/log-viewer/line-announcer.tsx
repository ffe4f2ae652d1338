'use client';

import { useEffect, useState } from 'react';
import { formatCounted } from '@/components/format/quantity';
import { stripAnsi } from '@/lib/terminal/strip-ansi';
import type { LogSource } from './log-source';

/** A screen reader is told no more often: a log can be faster than any speech. */
const INTERVAL_MS = 5000;
const TEXT_CHARS_MAX = 200;

/**
 * Tells screen readers of lines that arrive: how many, and the text of the newest. The list itself is no live region,
 * since its rows come and go with every turn of the wheel.
 */
export function LineAnnouncer({ source }: { source: LogSource }) {
  const [words, setWords] = useState('');
  useEffect(() => {
    let count = 0;
    let text = '';
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => {
      timer = undefined;
      setWords(`${formatCounted(count, 'new line')}: ${text}`);
      count = 0;
    };
    const end = source.onLines((lines) => {
      const last = lines.at(-1);
      if (!last) return;
      count += lines.length;
      text = stripAnsi(last.message).slice(0, TEXT_CHARS_MAX);
      timer ??= setTimeout(tell, INTERVAL_MS);
    });
    return () => {
      clearTimeout(timer);
      end();
    };
  }, [source]);
  return (
    <p role="status" className="sr-only">
      {words}
    </p>
  );
}
