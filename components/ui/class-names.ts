import { type ClassValue, clsx } from 'clsx';
import { extendTailwindMerge } from 'tailwind-merge';

/** With the sizes of tailwind.config.ts, which would else be taken for colours and give way to them. */
const merge = extendTailwindMerge({ extend: { classGroups: { 'font-size': [{ text: ['2xs', '13', 'log'] }] } } });

/** Joins class names; of two Tailwind classes for one property the later wins. */
export function classNames(...values: ClassValue[]): string {
  return merge(clsx(values));
}
