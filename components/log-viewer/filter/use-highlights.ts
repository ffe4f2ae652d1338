'use client';

import { useMemo } from 'react';
import type { Highlight } from '@/components/log-viewer/line-marks';
import { useQueryParser } from '@/components/log-viewer/use-query-parser';
import { coloredMarks, compileHighlights } from './highlight-terms';

/** What colours a line's text for a list of terms; undefined where there is none. */
export function useHighlights(texts: readonly string[]): Highlight | undefined {
  const isWanted = texts.some((text) => text.trim() !== '');
  const parse = useQueryParser(isWanted);
  return useMemo(() => {
    if (!isWanted || typeof parse === 'string') return undefined;
    const terms = compileHighlights(texts, parse);
    return (message, matches) => coloredMarks(terms, message, matches);
  }, [isWanted, parse, texts]);
}
