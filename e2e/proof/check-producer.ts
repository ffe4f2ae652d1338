import { digestText, NOBODY, type ProducerRecord, type StoredRun, type Violation } from './transcript';

const REPORTS_MAX = 5;

/** Promises 1, 2, 5, 6 and 7 as far as one producer can tell: what it sent is there once, in order, and whole. */
export function checkProducer(producer: ProducerRecord, place: number, run: StoredRun): Violation[] {
  const found: Violation[] = [];
  const report = (promise: Violation['promise'], where: string, what: string) => {
    if (found.length < REPORTS_MAX) found.push({ promise, who: `producer ${producer.name}`, where, what });
  };
  const { messages } = run;
  const lineOf = new Map<number, number>();
  let newest = -1;
  for (let at = 0; at < messages.line.length; at++) {
    if (messages.producer.at(at) !== place) continue;
    const index = messages.index.at(at);
    const line = messages.line.at(at);
    const where = `run ${run.id}, line ${line}`;
    const earlier = lineOf.get(index);
    if (earlier !== undefined) report(5, where, `message ${index} is stored again; it is line ${earlier} too`);
    else if (index < newest) report(2, where, `message ${index} is stored after message ${newest}`);
    lineOf.set(index, earlier ?? line);
    newest = Math.max(newest, index);
    const text = producer.text(index);
    if (messages.digest.at(at) !== digestText(text)) {
      const length = messages.length.at(at);
      report(
        7,
        where,
        `message ${index} of ${text.length} characters is stored with ${length}, and nothing there says so`,
      );
    }
  }
  for (let index = 0; index < Math.max(producer.acknowledged, newest + 1); index++) {
    if (lineOf.has(index)) continue;
    const why = index < producer.acknowledged ? 'was acknowledged' : 'was sent before others that are stored';
    report(1, `run ${run.id}`, `message ${index} ${why} and is not stored`);
  }
  return found;
}

/** Promise 6: a refused batch is stored up to its bad line, and the answer says where that is and what is wrong. */
export function checkRefusals(producer: ProducerRecord, strangers: ReadonlyMap<string, number>): Violation[] {
  return producer.refusals.flatMap((refusal) => {
    const found: Violation[] = [];
    const { position, known, line, field, beyond, answer } = refusal;
    const report = (what: string) =>
      found.push({ promise: 6, who: `producer ${producer.name}`, where: `the batch at ${position}`, what });
    const expected = { status: 400, line, field, accepted: line - 1 - known, next: position + line - 1 };
    for (const [name, value] of Object.entries(expected)) {
      const told = Object.entries(answer).find(([key]) => key === name)?.[1];
      if (told !== value) report(`its ${name} should be ${value}, and is ${told}`);
    }
    const stored = strangers.get(beyond);
    if (stored !== undefined) report(`what follows its bad line is stored, as line ${stored}`);
    return found;
  });
}

/** Promise 7: parts of a line that is stored in several say so. A part that does not looks like a line that nobody sent. */
export function checkStrangers(run: StoredRun, known: (line: number) => boolean): Violation[] {
  const found: Violation[] = [];
  const { producer, line, length } = run.messages;
  for (let at = 0; at < line.length && found.length < REPORTS_MAX; at++) {
    if (producer.at(at) !== NOBODY || known(line.at(at))) continue;
    const what = `${length.at(at)} characters that nobody sent as a line, and no line before says that it continues`;
    found.push({ promise: 7, who: `run ${run.id}`, where: `line ${line.at(at)}`, what });
  }
  return found;
}
