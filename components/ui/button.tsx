import type { ComponentProps } from 'react';
import { classNames } from './class-names';

const LOOKS = {
  plain: 'border border-edge-strong bg-raised text-fg hover:bg-hover',
  quiet: 'text-fg-muted hover:bg-hover hover:text-fg',
  strong: 'bg-fg text-fg-inverse hover:opacity-90',
} as const;

export interface ButtonLook {
  look?: keyof typeof LOOKS;
  /** A square for one icon; give the button an `aria-label`. */
  square?: boolean;
}

/** The classes of a button, also for links that look like one. */
export function buttonClass(
  { look = 'plain', square = false }: ButtonLook = {},
  ...more: Array<string | undefined>
): string {
  return classNames(
    'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md font-medium text-13 whitespace-nowrap',
    'select-none transition-colors disabled:cursor-not-allowed disabled:opacity-50 [&_svg]:size-3.5',
    square ? 'w-8' : 'px-2.5',
    LOOKS[look],
    ...more,
  );
}

export function Button({ look, square, className, ...rest }: ButtonLook & ComponentProps<'button'>) {
  return <button type="button" {...rest} className={buttonClass({ look, square }, className)} />;
}
