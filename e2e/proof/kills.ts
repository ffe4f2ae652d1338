import { seeded } from '@/e2e/seeded';
import { StratalServer } from '@/e2e/stratal-server';
import { isProgramVictim, PROGRAM_VICTIMS } from './kill-programs';
import { type KillOutcome, type KillPlan, killOnce, RETENTION_LINES, type Retention } from './kill-round';
import { type KillPoint, SERVER_VICTIMS } from './kill-victims';

export interface KillsOptions {
  seed: number;
  /** Kills, one a round; each six have every victim once. */
  rounds: number;
}

const VICTIMS = [...SERVER_VICTIMS, ...PROGRAM_VICTIMS];
/** Of each six rounds half have retention, of each kind. */
const RETENTIONS = ['age', 'none', 'bytes', 'none', 'lines', 'none'] as const;
const INTERVAL = { STRATAL_RETENTION_INTERVAL: '1s' };
/** Whole chunks go, once a second. Bytes are those of some hundred lines. */
const ENVIRONMENT: Record<Retention, Record<string, string>> = {
  none: {},
  lines: { ...INTERVAL, STRATAL_RETENTION_LINES: String(RETENTION_LINES) },
  age: { ...INTERVAL, STRATAL_RETENTION_AGE: '2s' },
  bytes: { ...INTERVAL, STRATAL_RETENTION_BYTES: '16KiB' },
};
/** Points in turn for the kills on the side of the server. Retention by lines deletes no run. */
const POINTS: Record<Retention, readonly KillPoint[]> = {
  none: ['merge', 'ingest'],
  lines: ['removal', 'merge', 'ingest'],
  age: ['deletion', 'removal', 'merge'],
  bytes: ['removal', 'deletion', 'ingest'],
};
/** A round that does not come to its point is no kill at it: so often it is tried. */
const ATTEMPTS_MAX = 3;
/** A round that takes longer hangs: something that was killed did not come back. */
const ROUND_MAX_MS = 180_000;
const OUTPUT_LENGTH_MAX = 5000;

/**
 * Kills servers, Postgres and producers with SIGKILL at points of ingest, merging and retention, and prints a table. Broken is what an
 * acknowledged line that is missing, or there twice, or a number is, or what `stratal check` finds; also a point that was never met.
 */
export async function soakKills({ seed, rounds }: KillsOptions): Promise<KillOutcome[]> {
  const random = seeded(seed);
  const plans = plan(rounds, random);
  const outcomes: KillOutcome[] = [];
  try {
    for (const retention of new Set(RETENTIONS)) {
      const own = plans.filter((each) => each.retention === retention);
      if (own.length > 0) await killInTurn(own, ENVIRONMENT[retention], random, outcomes);
    }
  } finally {
    console.table(
      outcomes.map(({ broken, isMet, ...row }) => ({ ...row, result: broken.length === 0 ? 'kept' : 'BROKEN' })),
    );
  }
  return outcomes;
}

/** Victims in a new order for each six rounds. */
function plan(rounds: number, random: () => number): KillPlan[] {
  const plans: KillPlan[] = [];
  const kills = { none: 0, lines: 0, age: 0, bytes: 0 };
  let waiting: Array<KillPlan['victim']> = [];
  for (let round = 0; round < rounds; round++) {
    if (waiting.length === 0) waiting = [...VICTIMS];
    const [victim = 'server'] = waiting.splice(Math.floor(random() * waiting.length), 1);
    const retention = RETENTIONS[round % RETENTIONS.length] ?? 'none';
    const points = POINTS[retention];
    const point = points[kills[retention] % points.length] ?? 'ingest';
    if (!isProgramVictim(victim)) kills[retention] += 1;
    plans.push({ victim, retention, point });
  }
  return plans;
}

async function killInTurn(
  plans: readonly KillPlan[],
  env: Record<string, string>,
  random: () => number,
  outcomes: KillOutcome[],
): Promise<void> {
  const server = await StratalServer.start({ env });
  try {
    for (const each of plans) outcomes.push(await killMet(server, each, random));
  } finally {
    await server.close();
  }
}

async function killMet(server: StratalServer, plan: KillPlan, random: () => number): Promise<KillOutcome> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await inTime(killOnce(server, plan, random), plan, server);
    if (outcome.isMet || outcome.broken.length > 0) return outcome;
    if (attempt === ATTEMPTS_MAX) return { ...outcome, broken: [`no ${plan.point} came in ${attempt} attempts`] };
    console.log(`no ${plan.point} came: once more`);
  }
}

function inTime(round: Promise<KillOutcome>, { victim, point }: KillPlan, server: StratalServer): Promise<KillOutcome> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fail = () =>
      reject(
        new Error(
          `${victim} killed (${point}): it did not go on within three minutes:\n${server.output.slice(-OUTPUT_LENGTH_MAX)}`,
        ),
      );
    timer = setTimeout(fail, ROUND_MAX_MS);
  });
  return Promise.race([round, late]).finally(() => clearTimeout(timer));
}
