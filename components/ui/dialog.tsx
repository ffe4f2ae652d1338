'use client';

import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { Button } from './button';
import { classNames } from './class-names';

/**
 * A modal dialog: the keyboard stays inside, Escape and a press beside it close it, and what had the focus gets it back.
 * It stands near the top, where a phone's keyboard does not cover it, and scrolls inside.
 */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  bare = false,
  className,
  onClosed,
  children,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** One sentence on what the dialog is for. */
  description: string;
  /** No heading and no close button to see: the content has its own first row. Both are still told to screen readers. */
  bare?: boolean;
  className?: string;
  /** Called when the dialog is gone. The focus goes back, unless this puts it elsewhere. */
  onClosed?: () => void;
  children: ReactNode;
}) {
  const before = useRef<Element>(null);
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="fixed inset-0 z-50 bg-black/40" />
        <Radix.Content
          onOpenAutoFocus={() => {
            before.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            // Without a trigger of its own the focus would be lost.
            event.preventDefault();
            const had = document.activeElement;
            onClosed?.();
            if (document.activeElement === had && before.current instanceof HTMLElement) before.current.focus();
          }}
          className={classNames(
            'fixed inset-x-3 top-3 z-50 mx-auto flex max-h-[calc(100dvh-1.5rem)] max-w-xl flex-col overflow-hidden rounded-xl',
            'bg-raised text-fg shadow-pop outline-none sm:top-[12dvh] sm:max-h-[76dvh]',
            className,
          )}
        >
          <div className={bare ? 'sr-only' : 'flex items-start gap-3 border-b px-4 py-3'}>
            <div className="min-w-0 flex-1">
              <Radix.Title className="font-semibold text-sm">{title}</Radix.Title>
              <Radix.Description className="text-fg-muted text-xs">{description}</Radix.Description>
            </div>
            {!bare && (
              <Radix.Close asChild>
                <Button look="quiet" square aria-label="Close" title="Close">
                  <X aria-hidden />
                </Button>
              </Radix.Close>
            )}
          </div>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
