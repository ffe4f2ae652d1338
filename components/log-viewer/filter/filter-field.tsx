'use client';

import { CaseSensitive, ListFilter, X } from 'lucide-react';
import { useRef } from 'react';
import { preloadQueryParser } from '@/components/log-viewer/use-query-parser';
import type { TextFault } from '@/components/log-viewer/use-text-query';
import { classNames } from '@/components/ui/class-names';
import { SEARCH_ICON, SEARCH_INPUT } from '@/components/ui/search-field';
import { faultyPart } from './faulty-part';

const BUTTON = 'grid size-6 place-items-center rounded text-fg-faint hover:bg-hover hover:text-fg [&_svg]:size-3.5';
const TEXT = 'pr-15 pl-8 text-13 pointer-coarse:text-base';

/**
 * The text that lines are filtered by. What is wrong with it is underlined at its place, told beneath the toolbar by
 * `FilterFault`, and selected by Enter.
 */
export function FilterField({
  value,
  onChange,
  isCaseSensitive,
  onCaseChange,
  fault,
  faultId,
  className,
}: {
  value: string;
  onChange: (value: string) => void;
  isCaseSensitive: boolean;
  onCaseChange: (isCaseSensitive: boolean) => void;
  fault: TextFault | undefined;
  /** The element that says what is wrong. */
  faultId: string;
  className?: string;
}) {
  const underline = useRef<HTMLDivElement>(null);
  const label = 'Filter lines';
  return (
    <div className={classNames('relative min-w-0', className)}>
      <ListFilter aria-hidden className={SEARCH_ICON} />
      <input
        {...SEARCH_INPUT}
        aria-label={label}
        placeholder={label}
        title={'Words, "two words", -word, /regex/ or name:value'}
        value={value}
        aria-invalid={fault !== undefined}
        aria-describedby={fault && faultId}
        onFocus={preloadQueryParser}
        onChange={(event) => onChange(event.target.value)}
        onScroll={(event) => {
          if (underline.current) underline.current.scrollLeft = event.currentTarget.scrollLeft;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Escape') onChange('');
          if (event.key !== 'Enter' || !fault) return;
          const { start, end } = faultyPart(value, fault.at);
          event.currentTarget.setSelectionRange(start, end);
        }}
        className={classNames(
          TEXT,
          'h-8 w-full rounded-md border border-edge-strong bg-raised text-fg placeholder:text-fg-faint aria-invalid:border-danger',
        )}
      />
      {fault && (
        <div
          ref={underline}
          aria-hidden
          className={classNames(
            TEXT,
            'pointer-events-none absolute inset-0 flex items-center overflow-hidden border border-transparent',
          )}
        >
          <Underlined text={value} at={fault.at} />
        </div>
      )}
      <div className="absolute top-1 right-1 flex">
        {value !== '' && (
          <button type="button" aria-label="Clear" onClick={() => onChange('')} className={BUTTON}>
            <X aria-hidden />
          </button>
        )}
        <button
          type="button"
          aria-label="Match case"
          title="Match case"
          aria-pressed={isCaseSensitive}
          onClick={() => onCaseChange(!isCaseSensitive)}
          className={classNames(BUTTON, 'aria-pressed:bg-accent-soft aria-pressed:text-accent')}
        >
          <CaseSensitive aria-hidden />
        </button>
      </div>
    </div>
  );
}

/** The text without a colour, to lie over the field, with a line under its faulty part. */
function Underlined({ text, at }: { text: string; at: number }) {
  const { start, end } = faultyPart(text, at);
  return (
    <span className="whitespace-pre text-transparent">
      {text.slice(0, start)}
      <span data-fault="" className="underline decoration-2 decoration-danger decoration-wavy underline-offset-2">
        {text.slice(start, end)}
      </span>
    </span>
  );
}

/** What is wrong with the filter's text, and at which character. */
export function FilterFault({ id, fault }: { id: string; fault: TextFault }) {
  return (
    <p id={id} role="alert" className="order-6 w-full px-1 text-danger text-xs">
      {`Filter: ${fault.detail}, at character ${fault.at + 1}`}
    </p>
  );
}
