import { Agent } from 'node:http';
import type postgres from 'postgres';
import { endRun } from './end-run';
import { makeBodies, makeText } from './make-log-lines';
import { openDatabase } from './open-database';
import type { BenchOptions } from './options';
import { post, postBodies } from './post-bodies';
import { profileArguments } from './profile';
import { median, quantile, ratio } from './report';
import { type ServerProcess, startStratal } from './server-process';

const ROUNDS = 7;
const RUNS = 30;
/** Fewer than make a merge of a running run worthwhile, so that the runs' ends set all of them off at once. */
const CHUNKS = 15;
const LINES_PER_CHUNK = 270;
/** Lines that are appended to one run: with its first line too few for a merge of it, which would be in both phases. */
const LINES_PER_RUN = 14;
const QUIET_MS = 2000;
const DEADLINE_MS = 60_000;
const LOCK_LOOK_MS = 5;

interface Phase {
  appends: number[];
  /** Rows of pg_locks that waited, over all looks. */
  waits: number;
  looks: number;
}

/** Time of single-line appends while merges run and while none does, and whether any lock was waited for meanwhile. */
export async function benchMergeDelay(options: BenchOptions): Promise<void> {
  const server = await startStratal({ nodeArguments: profileArguments(options.profile) });
  const [work, watch] = [openDatabase(server), openDatabase(server)];
  const rounds = options.rounds ?? ROUNDS;
  const quiet: Phase[] = [];
  const merging: Phase[] = [];
  let merged = 0;
  try {
    // The first round warms up, and is not measured.
    for (let round = -1; round < rounds; round++) {
      const runs = Array.from({ length: RUNS }, (_, index) => `merge-${round}-${index}`);
      for (const run of runs) {
        await postBodies(`${server.url}/api/v1/job-runs/${run}/logs`, makeBodies(CHUNKS, LINES_PER_CHUNK), 1);
      }
      const start = performance.now();
      const isQuiet = async () => performance.now() - start < QUIET_MS;
      const unmerged = await appendWhile(server, watch, `quiet-${round}`, isQuiet);
      const before = await chunkCount(work);
      await Promise.all(runs.map((run) => endRun(server, run)));
      const until = performance.now() + DEADLINE_MS;
      const isMerging = async () => {
        const left = await unmergedRuns(work);
        if (left > 0 && performance.now() >= until) {
          throw new Error(`${left} of ${RUNS} runs were not merged within ${DEADLINE_MS / 1000} s`);
        }
        return left > 0;
      };
      const beside = await appendWhile(server, watch, `beside-${round}`, isMerging);
      if (round < 0) continue;
      quiet.push(unmerged);
      merging.push(beside);
      merged += before - (await chunkCount(work));
    }
  } finally {
    await Promise.all([work.end({ timeout: 1 }), watch.end({ timeout: 1 })]);
    await server.stop();
  }
  console.log(
    `## Appends while merges run: ${rounds} rounds of ${RUNS} runs, ${merged} chunks went into larger ones\n`,
  );
  console.log(
    '| one-line posts, one after the other | appends | p50 ms | p99 ms | longest ms | looks at pg_locks, of which with a wait |',
  );
  console.log('|---|---|---|---|---|---|');
  printPhase('no merge', quiet);
  printPhase('while merging', merging);
  const ofRounds = (phases: Phase[], share: number) =>
    phases.map(({ appends }) =>
      quantile(
        appends.toSorted((a, b) => a - b),
        share,
      ),
    );
  const against = (share: number) => ratio(ofRounds(merging, share), ofRounds(quiet, share));
  console.log(`| ratio of a round | | ${against(0.5)} | ${against(0.99)} | ${against(1)} | |\n`);
}

function printPhase(title: string, phases: Phase[]): void {
  const sorted = phases.flatMap(({ appends }) => appends).sort((a, b) => a - b);
  const at = (share: number) => quantile(sorted, share).toFixed(2);
  const looks = phases.reduce((sum, phase) => sum + phase.looks, 0);
  const waits = phases.reduce((sum, phase) => sum + phase.waits, 0);
  console.log(
    `| ${title} | ${sorted.length} | ${median(sorted).toFixed(2)} | ${at(0.99)} | ${at(1)} | ${looks}, ${waits} |`,
  );
}

/** Appends line by line, and looks for waiting locks, as long as `goesOn` says. */
async function appendWhile(
  server: ServerProcess,
  sql: postgres.Sql,
  name: string,
  goesOn: () => Promise<boolean>,
): Promise<Phase> {
  const phase: Phase = { appends: [], waits: 0, looks: 0 };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let isOver = false;
  const look = async () => {
    while (!isOver) {
      const [row] = await sql<
        Array<{ waiting: number }>
      >`select count(*)::int as waiting from pg_locks where not granted`;
      phase.looks += 1;
      if ((row?.waiting ?? 0) > 0) phase.waits += 1;
      await new Promise((resolve) => setTimeout(resolve, LOCK_LOOK_MS));
    }
  };
  const append = async () => {
    for (let line = 0; !isOver; line++) {
      const body = Buffer.from(`${JSON.stringify({ message: makeText(line) })}\n`);
      const url = `${server.url}/api/v1/job-runs/appended-${name}-${Math.floor(line / LINES_PER_RUN)}/logs`;
      // The first line makes its run.
      if (line % LINES_PER_RUN === 0) await post(url, body, agent);
      const start = performance.now();
      await post(url, body, agent);
      phase.appends.push(performance.now() - start);
    }
  };
  const watch = async () => {
    try {
      while (await goesOn()) await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      isOver = true;
    }
  };
  try {
    await Promise.all([watch(), look(), append()]);
  } finally {
    agent.destroy();
  }
  return phase;
}

async function chunkCount(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<
    Array<{ n: number }>
  >`select count(*)::int as n from log_chunks where run_key not in (select key from job_runs where id like 'appended-%')`;
  return row?.n ?? 0;
}

/** Ended runs whose chunks were not merged yet. */
async function unmergedRuns(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<Array<{ n: number }>>`
    select count(*)::int as n from (
      select run_key from log_chunks join job_runs on key = run_key where status = 'completed' group by run_key having count(*) > 2
    ) as unmerged
  `;
  return row?.n ?? 0;
}
