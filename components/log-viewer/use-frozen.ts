'use client';

import { useState } from 'react';

/** The value as it was when it began to be frozen, and as it is otherwise. */
export function useFrozen<Value>(value: Value, isFrozen: boolean): Value {
  const [kept, setKept] = useState<{ value: Value }>();
  if (isFrozen !== (kept !== undefined)) setKept(isFrozen ? { value } : undefined);
  return isFrozen && kept ? kept.value : value;
}
