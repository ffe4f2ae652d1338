'use client';

import { useEffect, useMemo, useState } from 'react';
import type { TextQuery } from '@/lib/protocol/text-query';
import type { parseTextQuery } from '@/lib/protocol/text-query-parse';

export interface CompiledText {
  /** Absent where the text restricts nothing, is faulty, or cannot be compiled yet. */
  query?: TextQuery | undefined;
  /** What is wrong with the text. */
  fault?: string | undefined;
}

const NOTHING: CompiledText = {};

/** A search text, compiled with the server's own grammar. The compiler is loaded with the first text. */
export function useTextQuery(text: string, isCaseSensitive = false): CompiledText {
  const [parse, setParse] = useState<typeof parseTextQuery>();
  const isWanted = text.trim() !== '';

  useEffect(() => {
    if (!isWanted || parse) return;
    let isCurrent = true;
    import('@/lib/protocol/text-query-parse').then(
      (module) => isCurrent && setParse(() => module.parseTextQuery),
      // Without it the server alone filters.
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [isWanted, parse]);

  return useMemo(() => {
    if (!isWanted || !parse) return NOTHING;
    const parsed = parse(text.trim(), isCaseSensitive);
    return parsed.ok ? { query: parsed.query } : { fault: parsed.detail };
  }, [isWanted, parse, text, isCaseSensitive]);
}
