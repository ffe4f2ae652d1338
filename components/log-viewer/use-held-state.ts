'use client';

import { useState } from 'react';

/** State that whoever uses a component may hold instead of it. */
export function useHeldState<Value, Given extends Value>(
  held: Value | undefined,
  onChange: ((value: Given) => void) | undefined,
  initial: Value,
): [Value, (value: Given) => void] {
  const [own, setOwn] = useState(initial);
  return [held ?? own, onChange ?? setOwn];
}
