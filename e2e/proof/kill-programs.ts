import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runStratal } from '@/e2e/stratal-command';
import type { RunPlace } from './raw-reader';
import type { ProducerRecord } from './transcript';
import { until } from './until';

/** Programs that send lines by themselves, and are killed. */
export const PROGRAM_VICTIMS = ['command', 'worker'] as const;
export type ProgramVictim = (typeof PROGRAM_VICTIMS)[number];

export function isProgramVictim(name: string): name is ProgramVictim {
  return PROGRAM_VICTIMS.some((victim) => victim === name);
}

const LAUNCHER = path.resolve(import.meta.dirname, '..', '..', 'bin', 'stratal.mjs');
const WORKER = fileURLToPath(new URL('./kill-worker.ts', import.meta.url));
/** A program that prints numbered lines in bursts and ends by itself, should nobody kill it. */
const COUNTER = `
let index = 0;
const timer = setInterval(() => {
  let text = '';
  for (let burst = 0; burst < 7; burst++) text += 'command ' + index++ + ' of a program\\n';
  process.stdout.write(text);
  if (index > 50000) clearInterval(timer);
}, 10);
`;
const LINES_WAIT_MS = 30_000;
const FLUSH_SECONDS = '30';

/** `stratal run` or a worker with a Logger, with a spool that outlives it. */
export class KilledProgram {
  readonly record: ProducerRecord;
  readonly #child: ChildProcess;
  readonly #spool: string;
  readonly #url: string;
  #seen = 0;
  #complaints = '';

  private constructor(victim: ProgramVictim, run: RunPlace, child: ChildProcess, spool: string, url: string) {
    this.#child = child;
    this.#spool = spool;
    this.#url = url;
    const text = (index: number) =>
      victim === 'command' ? `command ${index} of a program` : `worker ${index} of a program`;
    this.record = { name: victim, run: run.place, text, sent: 0, acknowledged: 0, refusals: [] };
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      this.#seen += part.split('\n').length - 1;
    });
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      this.#complaints += part;
    });
  }

  static async start(victim: ProgramVictim, run: RunPlace, url: string): Promise<KilledProgram> {
    const spool = await mkdtemp(path.join(tmpdir(), 'stratal-proof-spool-'));
    const args =
      victim === 'command'
        ? [LAUNCHER, 'run', '--id', run.id, '--', process.execPath, '-e', COUNTER]
        : ['--import', 'tsx', WORKER, run.id];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, STRATAL_URL: url, STRATAL_SPOOL_DIR: spool },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new KilledProgram(victim, run, child, spool, url);
  }

  /** Waits until the program has promised so many lines: the command passed them on, the worker's Logger took them. */
  async untilPromised(lines: number): Promise<void> {
    if (await until(() => this.#seen >= lines || this.#child.exitCode !== null, LINES_WAIT_MS)) {
      if (this.#child.exitCode === null) return;
    }
    throw new Error(`the ${this.record.name} promised ${this.#seen} lines of ${lines}: ${this.#complaints}`);
  }

  async kill(): Promise<void> {
    const gone = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await gone;
    this.record.acknowledged = this.#seen;
    this.record.sent = this.#seen;
  }

  /** Delivers what it left. */
  async flush(): Promise<string[]> {
    const env = { STRATAL_URL: this.#url, STRATAL_SPOOL_DIR: this.#spool };
    const { exitCode, stderr } = await runStratal(['flush', '--wait', FLUSH_SECONDS], env);
    return exitCode === 0 ? [] : [`stratal flush ended with ${exitCode}: ${stderr}`];
  }

  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.kill();
    await rm(this.#spool, { recursive: true, force: true });
  }
}
