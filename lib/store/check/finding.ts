/** What a finding is about; each kind has its own advice. */
export type FindingKind =
  | 'lines'
  | 'text'
  | 'index'
  | 'counters'
  | 'status'
  | 'journal'
  | 'sequence'
  | 'producers'
  | 'leftover';

/** One place where a store is not what it says. */
export interface Finding {
  kind: FindingKind;
  /** Absent where it is about the whole store. */
  run?: { key: number; id?: string | undefined } | undefined;
  /** What differs: a sentence. */
  sentence: string;
}

/** What to do about a finding: a sentence. */
const ADVICE: Record<FindingKind, string> = {
  lines: 'Lines are missing or there twice: put back a backup, then run stratal check --new-epoch; or delete the run.',
  text: 'These lines cannot be trusted: put back a backup, then run stratal check --new-epoch; or delete the run.',
  index:
    'The text is whole, but filters, totals or groups of these lines are not: put back a backup, or delete the run.',
  counters: 'The lines are whole; only the counts that are shown are wrong.',
  status: 'The lines are whole; pages show this run wrongly: put back a backup, or delete the run.',
  journal:
    'Streams of all runs may leave lines out: stop the servers and run stratal check --new-epoch, so that readers begin anew.',
  sequence: 'New lines or runs may be refused: set the sequence to that number with setval().',
  producers: 'Lines that a producer sends may be left out or refused; its row can be deleted once nothing of it waits.',
  leftover: 'Nothing is lost; a running server removes them within a minute.',
};

/** True for what is no fault: the rest of a deletion that was cut off or is under way. */
export function isNote(finding: Finding): boolean {
  return finding.kind === 'leftover';
}

export function adviceFor(finding: Finding): string {
  return ADVICE[finding.kind];
}

/** The finding as one line for people. */
export function describeFinding(finding: Finding): string {
  const { run, sentence } = finding;
  const where = run === undefined ? '' : `run ${run.id ?? `with key ${run.key}`}: `;
  return `${where}${sentence} ${adviceFor(finding)}`;
}

/** Takes findings as they are made. */
export type Report = (finding: Finding) => void;

/** So many findings of one run are told one by one. */
const FINDINGS_PER_RUN_MAX = 20;

/** Reports on one run: what is over the bound is counted, and the count told by `finish`. */
export class RunReport {
  readonly #run: { key: number; id?: string | undefined };
  readonly #report: Report;
  #count = 0;
  #last: FindingKind = 'lines';

  constructor(run: { key: number; id?: string | undefined }, report: Report) {
    this.#run = run;
    this.#report = report;
  }

  add(kind: FindingKind, sentence: string): void {
    this.#count += 1;
    this.#last = kind;
    if (this.#count <= FINDINGS_PER_RUN_MAX) this.#report({ kind, run: this.#run, sentence });
  }

  finish(): void {
    const more = this.#count - FINDINGS_PER_RUN_MAX;
    if (more > 0) this.#report({ kind: this.#last, run: this.#run, sentence: `${more} more differences of this run.` });
  }
}
