'use client';

import { useMemo } from 'react';
import type { TextQuery } from '@/lib/protocol/text-query';
import { useQueryParser } from './use-query-parser';

/** What is wrong with a search text, and where. */
export interface TextFault {
  detail: string;
  /** UTF-16 index in the text. */
  at: number;
}

export interface CompiledText {
  /** Absent where the text restricts nothing, is faulty, or cannot be compiled yet. */
  query?: TextQuery | undefined;
  fault?: TextFault | undefined;
  /** There is a text, and what compiles it is still on the way, or cannot be had. */
  state?: 'pending' | 'failed';
}

const NOTHING: CompiledText = {};

/** A search text, compiled with the server's own grammar. The compiler is loaded with the first text. */
export function useTextQuery(text: string, isCaseSensitive = false): CompiledText {
  const isWanted = text.trim() !== '';
  const parse = useQueryParser(isWanted);

  return useMemo(() => {
    if (!isWanted) return NOTHING;
    if (typeof parse === 'string') return { state: parse };
    const parsed = parse(text.trim(), isCaseSensitive);
    if (parsed.ok) return { query: parsed.query };
    return { fault: { detail: parsed.detail, at: parsed.at + text.length - text.trimStart().length } };
  }, [isWanted, parse, text, isCaseSensitive]);
}
