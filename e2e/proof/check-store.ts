import type { StoredRun, Violation } from './transcript';

const REPORTS_MAX = 5;

/** Promise 2: the lines of a run are numbered without gap, and all that counts them says the same. */
export function checkStoredRun(run: StoredRun): Violation[] {
  const found: Violation[] = [];
  const report = (where: string, what: string) => {
    if (found.length < REPORTS_MAX) found.push({ promise: 2, who: `run ${run.id}`, where, what });
  };
  const { id: ids } = run.lines;
  let expected = run.firstLine;
  for (let place = 0; place < ids.length; place++) {
    const id = ids.at(place);
    if (id !== expected) report(`line ${expected}`, `the line after ${expected - 1} has the number ${id}`);
    expected = id + 1;
  }
  if (run.lineCount !== ids.length) report('line_count', `is ${run.lineCount}, but the pages have ${ids.length} lines`);
  if (run.total !== ids.length) report('total', `is ${run.total}, but the pages have ${ids.length} lines`);
  return found;
}
