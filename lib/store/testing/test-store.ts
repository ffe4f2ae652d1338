import type { LineInput } from '@/lib/store/line-batch';
import { type OpenStore, openStore } from '@/lib/store/open-store';
import type { AppendResult, RunRef } from '@/lib/store/store';
import { openTestDatabase, type TestDatabase } from './test-database';

/** A store on a database of its own. */
export interface TestStore {
  store: OpenStore;
  database: TestDatabase;
  /** A second store on the same database: another node. */
  openAnother(): Promise<OpenStore>;
  close(): Promise<void>;
}

export async function openTestStore(): Promise<TestStore> {
  const database = await openTestDatabase();
  const stores: OpenStore[] = [];
  const openAnother = async () => {
    const store = await openStore(database.options);
    stores.push(store);
    return store;
  };
  const store = await openAnother();
  return {
    store,
    database,
    openAnother,
    close: async () => {
      await Promise.all(stores.map((one) => one.close()));
      await database.drop();
    },
  };
}

/** A run made as ingest makes it: running, without a start line. */
export async function makeRun(store: OpenStore, id: string): Promise<RunRef> {
  const run = (await store.makeRuns([id])).get(id);
  if (!run) throw new Error(`run ${id} was not made`);
  return run;
}

/** Appends lines to a run in one commit, and fails where it was not committed. */
export async function appendLines(store: OpenStore, run: RunRef, lines: LineInput[]): Promise<Committed> {
  return committed(await store.append([linesStep(run, lines)], []));
}

export type Committed = Extract<AppendResult, { kind: 'committed' }>;

export function linesStep(run: RunRef, lines: LineInput[]) {
  return { kind: 'lines' as const, run, lines, byteCount: lines.length, maskedCount: 0, replacedCount: 0 };
}

export function committed(result: AppendResult): Committed {
  if (result.kind !== 'committed') throw new Error(`the append was not committed: ${result.kind}`);
  return result;
}
