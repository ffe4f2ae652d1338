import { formatCount, formatCounted } from '@/components/format/quantity';
import { LogText } from '@/components/log-viewer/log-text';
import { CopyButton } from '@/components/ui/copy-button';
import type { Run } from '@/lib/protocol/run';
import { INITIAL_STATE } from '@/lib/terminal/render-line';
import { useFirst } from './use-first';

/** Characters and lines of a value that is shown whole; longer ones fold. */
const SHOWN_CHARS_MAX = 240;
const SHOWN_LINES_MAX = 8;
const PREVIEW_CHARS = 100;
const SHOWN_FACTS = 100;

export interface Fact {
  name: string;
  value: string;
  /** Given by whoever made the run, and worth copying. */
  isGiven: boolean;
}

/** Metadata as names and values; what happened to lines on their way is told here too. */
export function factsOf(run: Run): Fact[] {
  const facts = Object.entries(run.metadata ?? {}).map<Fact>(([name, value]) => ({
    name,
    value: typeof value === 'string' ? value : JSON.stringify(value, null, 2),
    isGiven: true,
  }));
  const tell = (name: string, value: string) => facts.push({ name, value, isGiven: false });
  if (run.masked_count > 0) tell('Masked', formatCounted(run.masked_count, 'secret'));
  if (run.replaced_count > 0) tell('Repaired text', formatCounted(run.replaced_count, 'invalid character'));
  if (run.pinned) tell('Pinned', 'kept by retention');
  return facts;
}

/** Names and values: addresses are links, long values fold, each can be copied. */
export function RunFacts({ facts }: { facts: readonly Fact[] }) {
  const { shown, more } = useFirst(facts, SHOWN_FACTS, 'details');
  return (
    <>
      <dl className="flex flex-col gap-2 px-2 text-xs">
        {shown.map(({ name, value, isGiven }) => (
          <div key={name} className="group/fact relative">
            <dt className="break-words pr-8 text-fg-faint">{name}</dt>
            <dd className="whitespace-pre-wrap font-mono text-fg [overflow-wrap:anywhere]">
              {isLong(value) ? <LongValue value={value} /> : <LogText message={value} start={INITIAL_STATE} />}
              {isGiven && (
                <span className="absolute -top-2 -right-2 opacity-0 focus-within:opacity-100 group-hover/fact:opacity-100 pointer-coarse:opacity-100">
                  <CopyButton text={value} label={`Copy ${name}`} />
                </span>
              )}
            </dd>
          </div>
        ))}
      </dl>
      {more}
    </>
  );
}

function isLong(value: string): boolean {
  return value.length > SHOWN_CHARS_MAX || value.split('\n', SHOWN_LINES_MAX + 1).length > SHOWN_LINES_MAX;
}

function LongValue({ value }: { value: string }) {
  const preview = value.slice(0, PREVIEW_CHARS).split('\n').slice(0, SHOWN_LINES_MAX).join(' ');
  return (
    <details className="group/value">
      <summary className="cursor-pointer list-none [&::-webkit-details-marker]:hidden">
        <span className="group-open/value:hidden">{`${preview}… `}</span>
        <span className="font-sans text-accent group-open/value:hidden">{`Show all ${formatCount(value.length)} characters`}</span>
        <span className="hidden font-sans text-accent group-open/value:inline">Show less</span>
      </summary>
      <LogText message={value} start={INITIAL_STATE} />
    </details>
  );
}
