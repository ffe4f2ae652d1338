'use client';

import { type RefObject, useRef, useState } from 'react';
import type { FindState } from '@/lib/protocol/find-term';

export interface FindPanel {
  isOpen: boolean;
  inputRef: RefObject<HTMLInputElement | null>;
  /** Opens the panel, or goes back to its field; the text in it is selected. */
  open: () => void;
  close: () => void;
  searchFor: (text: string) => void;
}

/** Whether the search panel is open. A search that the address brought along opens it; closing it ends the search. */
export function useFindPanel(find: FindState, onChange: (find: FindState) => void, onClosed: () => void): FindPanel {
  const [isOpen, setOpen] = useState(find.text !== '');
  const inputRef = useRef<HTMLInputElement>(null);
  const open = () => {
    setOpen(true);
    // The panel may be there already, or only after the next render.
    requestAnimationFrame(() => inputRef.current?.select());
  };
  const close = () => {
    setOpen(false);
    onChange({ ...find, text: '', isOnly: false });
    onClosed();
  };
  const searchFor = (text: string) => {
    onChange({ ...find, text });
    open();
  };
  return { isOpen, inputRef, open, close, searchFor };
}
