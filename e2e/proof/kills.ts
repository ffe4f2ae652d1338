import { seeded } from '@/e2e/seeded';
import { StratalServer } from '@/e2e/stratal-server';
import { PROGRAM_VICTIMS } from './kill-programs';
import { type KillOutcome, type KillPlan, killOnce } from './kill-round';
import { SERVER_VICTIMS } from './kill-victims';

export interface KillsOptions {
  seed: number;
  /** Kills, one a round; each six have every victim once. */
  rounds: number;
}

const VICTIMS = [...SERVER_VICTIMS, ...PROGRAM_VICTIMS];
/** Runs lose their oldest chunks down to about so many lines, once a second. */
const RETENTION = { STRATAL_RETENTION_LINES: '300', STRATAL_RETENTION_INTERVAL: '1s' };
/** A round that takes longer hangs: something that was killed did not come back. */
const ROUND_MAX_MS = 180_000;
const OUTPUT_LENGTH_MAX = 5000;

/**
 * Kills servers, Postgres and producers with SIGKILL at points of ingest, merging and retention, and prints a table. False: an acknowledged
 * line is missing, or there twice, or a number is, or `stratal check` finds something.
 */
export async function soakKills({ seed, rounds }: KillsOptions): Promise<boolean> {
  const random = seeded(seed);
  const plans = plan(rounds, random);
  const outcomes: KillOutcome[] = [];
  try {
    for (const hasRetention of [false, true]) {
      const own = plans.filter((each) => each.hasRetention === hasRetention);
      if (own.length > 0) await killInTurn(own, hasRetention ? RETENTION : {}, random, outcomes);
    }
  } finally {
    console.table(outcomes.map(({ broken, ...row }) => ({ ...row, result: broken.length === 0 ? 'kept' : 'BROKEN' })));
  }
  for (const { killed, point, broken } of outcomes) {
    for (const what of broken) console.log(`${killed} killed (${point}): ${what}`);
  }
  return outcomes.every(({ broken }) => broken.length === 0);
}

/** Victims in a new order for each six rounds; each second round with retention. */
function plan(rounds: number, random: () => number): KillPlan[] {
  const plans: KillPlan[] = [];
  let waiting: Array<KillPlan['victim']> = [];
  for (let round = 0; round < rounds; round++) {
    if (waiting.length === 0) waiting = [...VICTIMS];
    const [victim = 'server'] = waiting.splice(Math.floor(random() * waiting.length), 1);
    const hasRetention = round % 2 === 1;
    const points = hasRetention ? (['ingest', 'merge', 'retention'] as const) : (['ingest', 'merge'] as const);
    plans.push({ victim, hasRetention, point: points[Math.floor(random() * points.length)] ?? 'ingest' });
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
    for (const each of plans) outcomes.push(await inTime(killOnce(server, each, random), each, server));
  } finally {
    await server.close();
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
