import { ChevronRight } from 'lucide-react';
import type { KeyboardEvent, ReactNode } from 'react';

/** Opens and closes what a row stands for: a click, Enter and Space do both, → opens, ← closes. */
export function FoldButton({
  isOpen,
  onToggle,
  title,
  children,
}: {
  isOpen: boolean;
  onToggle: (isOpen: boolean) => void;
  title: string;
  /** At the right end. */
  children: ReactNode;
}) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    const wanted = event.key === 'ArrowRight';
    if (wanted !== isOpen) onToggle(wanted);
  };
  return (
    <button
      type="button"
      aria-expanded={isOpen}
      onClick={() => onToggle(!isOpen)}
      onKeyDown={onKeyDown}
      className="log-fold"
    >
      <ChevronRight aria-hidden className="log-fold-chevron" />
      <span className="log-fold-title">{title}</span>
      <span className="log-fold-counts">{children}</span>
    </button>
  );
}
