'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '@/components/ui/button';
import { addHighlight, HIGHLIGHT_COLORS } from './highlight-terms';

/** Adds terms that are shown in a colour of their own. */
export function HighlightEditor({
  highlights,
  onChange,
}: {
  highlights: readonly string[];
  onChange: (highlights: string[]) => void;
}) {
  const [text, setText] = useState('');
  const isFull = highlights.filter((term) => term !== '').length >= HIGHLIGHT_COLORS;
  const add = (event: FormEvent) => {
    event.preventDefault();
    if (text.trim() === '' || isFull) return;
    onChange(addHighlight(highlights, text));
    setText('');
  };
  return (
    <form onSubmit={add} className="flex gap-2">
      <input
        type="text"
        aria-label="Highlight"
        placeholder={isFull ? `At most ${HIGHLIGHT_COLORS} terms` : 'Text or /regex/'}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={200}
        value={text}
        disabled={isFull}
        onChange={(event) => setText(event.target.value)}
        className="h-8 min-w-0 flex-1 rounded-md border border-edge-strong bg-canvas px-2 text-13 placeholder:text-fg-faint disabled:opacity-60"
      />
      <Button type="submit" disabled={isFull || text.trim() === ''}>
        Add
      </Button>
    </form>
  );
}
