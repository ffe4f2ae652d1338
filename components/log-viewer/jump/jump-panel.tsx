'use client';

import { useId, useRef, useState } from 'react';
import { formatCount } from '@/components/format/quantity';
import { type JumpContext, type JumpTarget, parseJump } from './jump-target';

/** Asks for a line or a time and goes there; over the upper edge of the log. */
export function JumpPanel({
  context,
  onJump,
  onClose,
}: {
  /** Read when the reader submits, so that `+500` counts from what is in sight then. */
  context: () => JumpContext;
  /** Resolves to what is wrong where the place cannot be shown. */
  onJump: (target: JumpTarget) => Promise<string | undefined>;
  onClose: () => void;
}) {
  const [text, setText] = useState('');
  const [fault, setFault] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const faultId = useId();
  const input = useRef<HTMLInputElement>(null);
  const [{ first, newest }] = useState(context);

  const submit = async () => {
    const target = parseJump(text, context());
    if (!target) {
      setFault('Type a line number, +500, 50%, end, a time such as 14:03:11 or +5m since the start.');
      return;
    }
    setBusy(true);
    const problem = await onJump(target);
    setBusy(false);
    if (problem === undefined) onClose();
    else setFault(problem);
  };

  return (
    <form
      aria-label="Jump"
      className="log-panel left-1/2 w-[min(24rem,calc(100%-1.5rem))] -translate-x-1/2"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <input
        ref={input}
        // Opened by the reader's own key or click, to type into.
        // biome-ignore lint/a11y/noAutofocus: the panel is nothing but this field
        autoFocus
        type="text"
        autoComplete="off"
        spellCheck={false}
        aria-label="Line or time"
        aria-invalid={fault !== undefined}
        aria-describedby={faultId}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setFault(undefined);
        }}
        onBlur={(event) => {
          if (!event.currentTarget.form?.contains(event.relatedTarget)) onClose();
        }}
        placeholder={`Line ${formatCount(first)} to ${formatCount(Math.max(first, newest))}, 50%, 14:03:11, +5m`}
        className="h-9 w-full bg-transparent px-3 text-13 text-fg outline-none placeholder:text-fg-faint pointer-coarse:text-base"
      />
      <p id={faultId} role={fault === undefined ? undefined : 'alert'} className="px-3 pb-2 text-xs empty:hidden">
        {fault !== undefined ? (
          <span className="text-danger">{fault}</span>
        ) : (
          <span className="text-fg-faint">{isBusy ? 'Looking…' : 'Enter goes there, Esc closes'}</span>
        )}
      </p>
    </form>
  );
}
