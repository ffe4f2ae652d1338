import { ChevronRight } from 'lucide-react';
import { useMemo } from 'react';
import { formatCount } from '@/components/format/quantity';
import { LogText } from '@/components/log-viewer/log-text';
import { TerminalStates } from '@/components/log-viewer/terminal-states';
import { classNames } from '@/components/ui/class-names';
import type { FirstError } from './first-error';

/** Characters of a line that are shown here; the log has all of it. */
const LINE_CHARS_MAX = 1000;
/** What is left of an escape sequence that was cut in two. */
const CUT_SEQUENCE = /\x1b[^A-Za-z\x07]*$/;

/** A failed run's first error line with the lines around it; its numbers lead to the log. Needs no JavaScript to be read. */
export function FirstErrorPanel({ firstError: { line, lines } }: { firstError: FirstError }) {
  const states = useMemo(() => {
    const followed = new TerminalStates();
    followed.follow(lines);
    return followed;
  }, [lines]);
  const error = lines.find(({ id }) => id === line);
  const digits = String(lines.at(-1)?.id ?? line).length;
  return (
    <section aria-label="First error line" className="relative mx-3 mb-3 overflow-hidden rounded-md border sm:mx-4">
      <details open className="group">
        <summary className="flex h-8 cursor-pointer list-none items-center gap-1.5 bg-danger-soft px-2 font-medium text-13 text-danger [&::-webkit-details-marker]:hidden">
          <ChevronRight aria-hidden className="size-3.5 transition-transform group-open:rotate-90" />
          First error line
          {error?.task_name !== undefined && (
            <span className="hidden min-w-0 truncate font-normal text-fg-muted sm:inline">{`in ${error.task_name}`}</span>
          )}
        </summary>
        <ol className="overflow-x-auto border-t bg-[var(--log-ground)] py-1 font-mono text-log">
          {lines.map((shown) => (
            <li
              key={shown.id}
              aria-current={shown.id === line ? 'true' : undefined}
              className={classNames('flex min-w-max pr-3', shown.id === line ? 'bg-danger-soft' : 'text-fg-muted')}
            >
              <a
                href={`#L${shown.id}`}
                aria-label={`Line ${shown.id}`}
                className="shrink-0 select-none px-3 text-right text-fg-faint tabular-nums hover:text-fg"
                style={{ width: `calc(${digits}ch + 1.5rem)` }}
              >
                {shown.id}
              </a>
              <span className="whitespace-pre [tab-size:8]">
                <LogText message={shortened(shown.message)} start={states.startOf(shown)} />
              </span>
            </li>
          ))}
        </ol>
      </details>
      <a
        href={`#L${line}`}
        className="absolute top-1 right-1 rounded px-1.5 py-0.5 text-13 text-danger tabular-nums underline-offset-2 hover:underline"
      >
        {`line ${formatCount(line)}`}
      </a>
    </section>
  );
}

function shortened(message: string): string {
  if (message.length <= LINE_CHARS_MAX) return message;
  return `${message.slice(0, LINE_CHARS_MAX).replace(CUT_SEQUENCE, '')}…`;
}
