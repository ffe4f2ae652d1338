'use client';

import { useMemo } from 'react';
import { useQueryParser } from '@/components/log-viewer/use-query-parser';
import type { MatcherSources } from '@/components/log-viewer/viewer-filter';
import { coloredMarks, compileHighlights } from './highlight-terms';

/** What colours a line's text for a list of terms; undefined where there is none. */
export function useHighlights(texts: readonly string[]): MatcherSources['highlight'] {
  const isWanted = texts.some((text) => text.trim() !== '');
  const parse = useQueryParser(isWanted);
  return useMemo(() => {
    if (!isWanted || !parse) return undefined;
    const terms = compileHighlights(texts, parse);
    return (message, matches) => coloredMarks(terms, message, matches);
  }, [isWanted, parse, texts]);
}
