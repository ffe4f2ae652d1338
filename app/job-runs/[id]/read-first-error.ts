import { firstErrorQuery } from '@/components/log-viewer/find/first-error-query';
import type { RunDetails } from '@/components/log-viewer/run-details';
import { contextLength, contextStart, type FirstError } from '@/components/runs/first-error';
import type { FilterParameters, LineFilter } from '@/lib/protocol/filter';
import { parseFilter } from '@/lib/protocol/filter-parse';
import type { Runtime } from '@/lib/runtime-handle';

/** The first error line of a run as it is now, with the lines around it, undefined where it has none to show; and what it was found by. */
export async function readFirstError(
  store: Runtime['store'],
  key: number,
  { run, tasks }: RunDetails,
): Promise<{ query: FilterParameters | undefined; firstError: FirstError | undefined }> {
  const query = firstErrorQuery(run, tasks);
  const parsed = query && parseFilter(query);
  return { query, firstError: parsed?.ok ? await findFirst(store, { key, id: run.id }, parsed.filter) : undefined };
}

async function findFirst(
  store: Runtime['store'],
  ref: { key: number; id: string },
  filter: LineFilter,
): Promise<FirstError | undefined> {
  const found = await store.readPage({
    run: ref,
    start: { kind: 'offset', offset: 0 },
    limit: 1,
    filter,
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
