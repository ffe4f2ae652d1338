import type { LinePage, LogStore, PageQuery } from '@/lib/store/store';
import { aroundUnder } from './around-under';
import { readWithContext } from './read-with-context';
import { readWithTraces } from './read-with-traces';

/** A page of the lines that pass a filter, with what is to come with them, by pages of lines alone. */
export function readAround(store: Pick<LogStore, 'readPage'>, query: PageQuery): Promise<LinePage> {
  const { around: asked, ...plain } = query;
  const around = aroundUnder(query.filter, asked);
  if (!around) return store.readPage(plain);
  return around.kind === 'context' ? readWithContext(store, plain, around.lines) : readWithTraces(store, plain);
}
