'use client';

import { useRef } from 'react';
import { type Expansion, useExpanded } from './use-expanded';
import { useKeptFocus } from './use-kept-focus';

/** The key under which a line's fields are open or closed. */
export function fieldsKey(line: number): string {
  return `${line}/fields`;
}

/** Shows and hides the fields of a line. */
export function FieldsButton({ line, number, expansion }: { line: number; number: number; expansion: Expansion }) {
  const [isOpen, toggle] = useExpanded(expansion, fieldsKey(line));
  const button = useRef<HTMLButtonElement>(null);
  useKeptFocus(button);
  return (
    <button
      ref={button}
      type="button"
      aria-expanded={isOpen}
      aria-label={`Expand fields of line ${number}`}
      onClick={toggle}
      className="log-disclose"
    />
  );
}
