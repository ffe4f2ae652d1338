import { ChevronLeft, ChevronRight } from 'lucide-react';
import Link from 'next/link';
import { absoluteUtc } from '@/components/format/moment';
import { buttonClass } from '@/components/ui/button';
import type { Run } from '@/lib/protocol/run';
import { runPagePath } from '@/lib/protocol/run-page-path';
import { STATUS_LOOKS } from './run-status';

/** The runs of the same job before and after one; absent where it is the first or the newest. */
export interface Neighbours {
  previous?: Neighbour;
  next?: Neighbour;
}

type Neighbour = Pick<Run, 'id' | 'status' | 'started_at'>;

/** To the runs of the same job before and after this one. */
export function NeighbourLinks({ jobName, neighbours }: { jobName: string; neighbours: Neighbours }) {
  if (!neighbours.previous && !neighbours.next) return null;
  return (
    <nav aria-label={`Runs of ${jobName}`} className="flex items-center gap-1">
      <NeighbourLink which="Previous" run={neighbours.previous} Icon={ChevronLeft} />
      <NeighbourLink which="Next" run={neighbours.next} Icon={ChevronRight} />
    </nav>
  );
}

function NeighbourLink({
  which,
  run,
  Icon,
}: {
  which: 'Previous' | 'Next';
  run: Neighbour | undefined;
  Icon: typeof ChevronLeft;
}) {
  if (!run) {
    return (
      <span aria-hidden className={buttonClass({ square: true }, 'pointer-events-none opacity-40')}>
        <Icon />
      </span>
    );
  }
  const { text, color } = STATUS_LOOKS[run.status];
  const started = run.started_at === undefined ? 'not started yet' : `started ${absoluteUtc(run.started_at)}`;
  const words = `${which} run of this job: ${text.toLowerCase()}, ${started}`;
  return (
    <Link
      href={runPagePath(run.id)}
      prefetch={false}
      rel={which === 'Next' ? 'next' : 'prev'}
      aria-label={words}
      title={words}
      className={buttonClass({ square: true }, color)}
    >
      <Icon aria-hidden />
    </Link>
  );
}
