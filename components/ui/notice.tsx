import type { ReactNode } from 'react';
import { classNames } from './class-names';

/** A page or pane that has nothing to list: what that means, and the way on. */
export function Notice({
  title,
  children,
  icon,
  className,
  as: Title = 'h2',
}: {
  title: string;
  children?: ReactNode;
  icon?: ReactNode;
  className?: string;
  /** `h1` where the notice is the whole page. */
  as?: 'h1' | 'h2';
}) {
  return (
    <div className={classNames('mx-auto flex max-w-xl flex-col items-center px-4 py-16 text-center', className)}>
      {icon && <div className="mb-4 text-fg-faint [&_svg]:size-6">{icon}</div>}
      <Title className="font-medium text-base text-fg">{title}</Title>
      {children && <div className="mt-1.5 w-full text-13 text-fg-muted">{children}</div>}
    </div>
  );
}

/** A command to type, with its prompt left out of what is copied. */
export function Command({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className="flex items-center gap-1 rounded-md border border-edge bg-subtle py-1 pr-1 pl-3 text-left">
      <code className="min-w-0 flex-1 overflow-x-auto whitespace-pre py-1 font-mono text-fg text-xs">
        <span aria-hidden className="text-fg-faint select-none">
          ${' '}
        </span>
        {text}
      </code>
      {children}
    </div>
  );
}
