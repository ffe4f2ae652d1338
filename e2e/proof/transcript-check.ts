import { checkProducer, checkRefusals, checkStrangers } from './check-producer';
import { checkReader } from './check-reader';
import { checkStoredRun } from './check-store';
import type { Evidence, ReaderRecord, StoredRun, Violation } from './transcript';

/** Compares what was observed and says which promises of docs/testing.md are broken, and where. Pure: the same evidence, the same answer. */
export function checkTranscripts({ runs, producers, readers }: Evidence): Violation[] {
  const found: Violation[] = runs.flatMap(checkStoredRun);
  const refusals = new Set(producers.flatMap((producer) => producer.refusals.map(({ beyond }) => beyond)));
  const strangers = runs.map((run) => strangersOf(run, refusals));
  for (const [place, producer] of producers.entries()) {
    const run = runs[producer.run];
    if (!run) throw new RangeError(`producer ${producer.name} names run ${producer.run}`);
    found.push(...checkProducer(producer, place, run));
    found.push(...checkRefusals(producer, strangers[producer.run]?.byBeginning ?? new Map()));
  }
  for (const [index, run] of runs.entries()) {
    found.push(...checkStrangers(run, (line) => strangers[index]?.lines.has(line) ?? false));
  }
  const faulty = new Set<ReaderRecord>();
  for (const reader of readers) {
    const violations = checkReader(reader, runs);
    if (violations.length > 0) faulty.add(reader);
    found.push(...violations);
  }
  found.push(
    ...checkGlobalOrder(
      readers.filter((reader) => reader.isGlobal && !faulty.has(reader)),
      runs,
    ),
  );
  return found;
}

/** Messages that a refused batch had behind its bad line, where they are stored all the same. */
function strangersOf(run: StoredRun, refusals: ReadonlySet<string>) {
  const byBeginning = new Map<string, number>();
  const lines = new Set<number>();
  for (const { line, beginning } of run.messages.strangers) {
    if (!refusals.has(beginning)) continue;
    if (!byBeginning.has(beginning)) byBeginning.set(beginning, line);
    lines.add(line);
  }
  return { byBeginning, lines };
}

/** Promise 3 on the global stream: its order is one order, whoever reads. Readers here have every line they should have. */
function checkGlobalOrder(readers: readonly ReaderRecord[], runs: readonly StoredRun[]): Violation[] {
  const reference = readers.find((reader) => reader.filter === 0);
  if (!reference) return [];
  return readers.flatMap((reader) => {
    let seen = 0;
    for (let at = 0; at < reference.lines.length && seen < reader.lines.length; at++) {
      const run = reference.lines.run.at(at);
      const id = reference.lines.id.at(at);
      if (reader.lines.run.at(seen) === run && reader.lines.id.at(seen) === id) seen += 1;
      else if (reader.filter === 0) break;
    }
    if (seen === reader.lines.length) return [];
    const run = runs[reader.lines.run.at(seen)];
    const where = `run ${run?.id}, line ${reader.lines.id.at(seen)}`;
    const what = `comes at another place than for reader ${reference.name}`;
    return [{ promise: 3 as const, who: `reader ${reader.name}`, where, what }];
  });
}
