'use client';

import { type ComponentProps, useState } from 'react';
import { copyText } from '@/components/ui/copy-text';
import { copyableText } from '@/components/ui/copyable-text';
import { Menu, MenuItem, MenuSeparator } from '@/components/ui/menu';
import type { Field } from './field';
import { fieldTerm } from './field-term';

/**
 * A value that is a button: its menu filters by it and copies it. The menu is made at the first click, as a page shows hundreds of
 * values. `onAddTerm` takes a term of `q`.
 */
export function ValueMenu({
  field,
  onAddTerm,
  ...button
}: { field: Field; onAddTerm: ((term: string) => void) | undefined } & ComponentProps<'button'>) {
  const [isUsed, setUsed] = useState(false);
  const trigger = <button type="button" {...button} />;
  if (!isUsed) return <button type="button" aria-haspopup="menu" {...button} onClick={() => setUsed(true)} />;

  const canFilter = onAddTerm !== undefined && field.written !== undefined && field.members === undefined;
  return (
    <Menu align="start" defaultOpen trigger={trigger}>
      {canFilter && (
        <>
          <TermItem term={fieldTerm(field, false)} onAddTerm={onAddTerm}>
            Filter for
          </TermItem>
          <TermItem term={fieldTerm(field, true)} onAddTerm={onAddTerm}>
            Exclude
          </TermItem>
          <MenuSeparator />
        </>
      )}
      <CopyItem text={field.text}>Copy value</CopyItem>
      <CopyItem text={field.path}>Copy path</CopyItem>
    </Menu>
  );
}

function TermItem({
  term,
  onAddTerm,
  children,
}: {
  term: string | undefined;
  onAddTerm: (term: string) => void;
  children: string;
}) {
  return (
    <MenuItem
      disabled={term === undefined}
      title={term ?? 'The filter cannot say this value'}
      className="max-w-80 data-[disabled]:text-fg-faint"
      onSelect={() => term !== undefined && onAddTerm(term)}
    >
      {children}
      <span className="ml-auto truncate pl-4 font-mono text-2xs text-fg-faint">{term ?? 'not possible'}</span>
    </MenuItem>
  );
}

function CopyItem({ text, children }: { text: string; children: string }) {
  return (
    // Where copying is refused, the text is still there to be selected.
    <MenuItem onSelect={() => void copyText(copyableText(text))}>{children}</MenuItem>
  );
}
