import { firstErrorQuery } from '@/components/log-viewer/find/first-error-query';
import type { RunDetails } from '@/components/log-viewer/run-details';
import { contextLength, contextStart, type FirstError } from '@/components/runs/first-error';
import { parseFilter } from '@/lib/protocol/filter-parse';
import type { Runtime } from '@/lib/runtime-handle';

/** The first error line of a run as it is now, with the lines around it; undefined where it has none to show. */
export async function readFirstError(
  store: Runtime['store'],
  key: number,
  { run, tasks }: RunDetails,
): Promise<FirstError | undefined> {
  const query = firstErrorQuery(run, tasks);
  const parsed = query && parseFilter(query);
  if (!parsed?.ok) return undefined;
  const ref = { key, id: run.id };
  const found = await store.readPage({
    run: ref,
    start: { kind: 'offset', offset: 0 },
    limit: 1,
    filter: parsed.filter,
  });
  const [first] = found.lines;
  if (!first) return undefined;
  const line = first.batch.firstLine + first.index;
  const around = await store.readPage({
    run: ref,
    start: { kind: 'after', line: contextStart(line, found.head.firstLine) },
    limit: contextLength(line, found.head.firstLine),
    filter: {},
  });
  return { line, lines: around.lines.map(({ batch, index }) => batch.toLogMessage(index)) };
}
