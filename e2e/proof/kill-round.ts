import { faultsIn } from '@/e2e/bystanders';
import { runStratal } from '@/e2e/stratal-command';
import type { StratalServer } from '@/e2e/stratal-server';
import { KillLoad } from './kill-load';
import { isProgramVictim, KilledProgram, type ProgramVictim } from './kill-programs';
import { type KillPoint, killAt, type ServerVictim } from './kill-victims';
import { readStoredRuns, runWithoutLines } from './store-pages';
import type { ProducerRecord, StoredRun } from './transcript';
import { checkTranscripts } from './transcript-check';

export interface KillPlan {
  victim: ServerVictim | ProgramVictim;
  /** Of a program it does not matter what the store does. */
  point: KillPoint;
  retention: Retention;
}

/** What removes lines meanwhile. */
export type Retention = 'none' | 'lines' | 'age' | 'bytes';

export interface KillOutcome {
  killed: string;
  retention: Retention;
  point: string;
  /** It came to the point at which it was to be killed. */
  isMet: boolean;
  acknowledged: number;
  /** Lines that the runs have been given, those that retention took since included. */
  numbered: number;
  /** Lines that are there. */
  stored: number;
  broken: string[];
}

/** So many lines of each run stay, where retention is by lines. */
export const RETENTION_LINES = 300;
/** Retention that takes all lines of ended runs, and then these. */
const DELETING: readonly Retention[] = ['age', 'bytes'];
const LINES_BEFORE_MAX = 1500;
const LINES_AFTER = 400;
const PROGRAM_LINES_MAX = 1500;

/** One kill while lines come in; then everything that was acknowledged is looked for, and the store is checked. */
export async function killOnce(server: StratalServer, plan: KillPlan, random: () => number): Promise<KillOutcome> {
  const { victim, point, retention } = plan;
  const load = new KillLoad(server.url, random);
  const program = isProgramVictim(victim)
    ? await KilledProgram.start(victim, load.addRun(victim), server.url)
    : undefined;
  try {
    load.start();
    await load.untilAcknowledged(LINES_BEFORE_MAX * random());
    let met: string = point;
    let isMet = true;
    if (isProgramVictim(victim)) met = await killProgram(server, program, random);
    else isMet = await killAt(server, victim, point, random);
    await load.untilAcknowledged(load.acknowledged + LINES_AFTER);
    await load.stop();
    const undelivered = (await program?.flush()) ?? [];
    const records = [...load.producers.map(({ record }) => record), ...(program ? [program.record] : [])];
    const judged = await judgeLoad(server, plan, load, records);
    const acknowledged = records.reduce((sum, record) => sum + record.acknowledged, 0);
    const broken = [...load.faults, ...undelivered, ...judged.broken, ...(await checkStore(server))];
    // What the server says of itself then helps to see why.
    if (broken.length > 0) broken.push(...faultsIn(server.output));
    const { numbered, stored } = judged;
    return { killed: victim, retention, point: met, isMet, acknowledged, numbered, stored, broken };
  } finally {
    load.abandon();
    await program?.close();
  }
}

/** In half of the cases the server is away at that time, so that the spool has more than what is on its way. */
async function killProgram(server: StratalServer, program: KilledProgram | undefined, random: () => number) {
  const lines = PROGRAM_LINES_MAX * random();
  const isAlone = random() < 0.5;
  if (!isAlone) {
    await program?.untilPromised(lines / 2);
    await server.stop('SIGKILL');
  }
  await program?.untilPromised(lines);
  await program?.kill();
  if (!isAlone) await server.startAgain();
  return isAlone ? 'sending' : 'spooling, server killed';
}

async function judgeLoad(server: StratalServer, plan: KillPlan, load: KillLoad, records: readonly ProducerRecord[]) {
  const { retention } = plan;
  const broken: string[] = [];
  const linesGiven = (place: number) =>
    records.reduce((sum, { run, sent }) => sum + (run === place ? sent : 0), load.systemLines.get(place) ?? 0);
  const runs = await readStoredRuns({
    url: server.url,
    runIds: load.runs.map(({ id }) => id),
    producers: records.map(({ name }) => name),
    filters: [],
    absent: (place) => {
      const id = load.runs[place]?.id ?? '';
      // The short runs, which have ended, are those with lines of their start and end.
      if (!DELETING.includes(retention) || !load.systemLines.has(place)) broken.push(`run ${id} is not there`);
      return runWithoutLines(id, linesGiven(place) + 1);
    },
  });
  const violations = checkTranscripts({ runs, producers: records, readers: [] });
  broken.push(...violations.map(({ promise, who, where, what }) => `promise ${promise}: ${who}, ${where}: ${what}`));
  for (const [place, run] of runs.entries()) {
    if (retention === 'none' && run.firstLine !== 1) broken.push(`run ${run.id} begins at line ${run.firstLine}`);
    // The program that is killed does not say how many lines it was.
    if (records.some((record) => record.run === place && isProgramVictim(record.name))) continue;
    if (lastLineOf(run) !== linesGiven(place)) {
      broken.push(
        `promise 2: run ${run.id}: its last line is ${lastLineOf(run)}, and it was given ${linesGiven(place)}`,
      );
    }
    if (retention === 'lines' && run.lineCount < Math.min(RETENTION_LINES, linesGiven(place))) {
      broken.push(`run ${run.id}: retention left ${run.lineCount} lines`);
    }
  }
  const stored = runs.reduce((sum, { lineCount }) => sum + lineCount, 0);
  return { broken, stored, numbered: runs.reduce((sum, run) => sum + lastLineOf(run), 0) };
}

function lastLineOf({ firstLine, lineCount }: StoredRun): number {
  return firstLine + lineCount - 1;
}

/** What `stratal check` finds beside the server. */
async function checkStore(server: StratalServer): Promise<string[]> {
  const { exitCode, stdout, stderr } = await runStratal(['check'], { STRATAL_DATA_DIR: server.dataDir });
  return exitCode === 0 ? [] : [`stratal check ended with ${exitCode}: ${stdout}${stderr}`];
}
