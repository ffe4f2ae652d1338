'use client';

import { createContext, type ReactNode, useContext } from 'react';

const Context = createContext<number | undefined>(undefined);

/** Tells components below when the server rendered the page, in epoch milliseconds. */
export function RenderedAt({ at, children }: { at: number; children: ReactNode }) {
  return <Context value={at}>{children}</Context>;
}

/** The time by which the server and the first render in the browser agree. */
export function useRenderedAt(): number | undefined {
  return useContext(Context);
}
