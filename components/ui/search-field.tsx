import { Search, X } from 'lucide-react';
import type { ComponentProps, Ref } from 'react';
import { classNames } from './class-names';

/** Attributes of a text box that is searched with: nothing corrects what is typed. */
export const SEARCH_INPUT = {
  type: 'text',
  inputMode: 'search',
  autoComplete: 'off',
  autoCapitalize: 'off',
  spellCheck: false,
} as const satisfies ComponentProps<'input'>;

/** The classes of the icon at the left end of such a box. */
export const SEARCH_ICON = 'pointer-events-none absolute top-1/2 left-2.5 size-3.5 -translate-y-1/2 text-fg-faint';

/** A text box with a lens; `onClear` shows a button that empties it. */
export function SearchField({
  label,
  className,
  onClear,
  ref,
  ...rest
}: { label: string; onClear?: (() => void) | undefined; ref?: Ref<HTMLInputElement> } & ComponentProps<'input'>) {
  return (
    <div className={classNames('relative min-w-0', className)}>
      <Search aria-hidden className={SEARCH_ICON} />
      <input
        ref={ref}
        {...SEARCH_INPUT}
        aria-label={label}
        placeholder={label}
        {...rest}
        className="h-8 w-full rounded-md border border-edge-strong bg-raised pr-8 pl-8 text-13 text-fg placeholder:text-fg-faint aria-invalid:border-danger pointer-coarse:text-base"
      />
      {onClear && (
        <button
          type="button"
          aria-label="Clear"
          onClick={onClear}
          className="absolute top-1 right-1 grid size-6 place-items-center rounded text-fg-faint hover:bg-hover hover:text-fg"
        >
          <X aria-hidden className="size-3.5" />
        </button>
      )}
    </div>
  );
}
