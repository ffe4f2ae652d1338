'use client';

import { useEffect, useState } from 'react';
import type { parseTextQuery } from '@/lib/protocol/text-query-parse';

/** Loads the grammar before there is a text, such as when its field has the focus. */
export function preloadQueryParser(): void {
  void loadGrammar().catch(() => undefined);
}

function loadGrammar() {
  return import('@/lib/protocol/text-query-parse');
}

/** The server's own grammar for search texts, loaded when it is first wanted; `pending` until then. */
export function useQueryParser(isWanted: boolean): typeof parseTextQuery | 'pending' | 'failed' {
  const [parse, setParse] = useState<typeof parseTextQuery | 'pending' | 'failed'>('pending');

  useEffect(() => {
    if (!isWanted || typeof parse === 'function') return;
    let isCurrent = true;
    loadGrammar().then(
      (module) => isCurrent && setParse(() => module.parseTextQuery),
      // Without it the server alone filters.
      () => isCurrent && setParse('failed'),
    );
    return () => {
      isCurrent = false;
    };
  }, [isWanted, parse]);

  return parse;
}
