import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const LAUNCHER = path.resolve(import.meta.dirname, '..', 'bin', 'stratal.mjs');

/** A program that does what the lines of its stdin say, one JSON object each: see `Instruction`. */
const PUPPET = `
let count = 0, timer;
const perform = ({ stdout, stderr, count: every, exit, signal }) => {
  if (stdout !== undefined) process.stdout.write(stdout);
  if (stderr !== undefined) process.stderr.write(stderr);
  if (every !== undefined) clearInterval(timer);
  if (every > 0) timer = setInterval(() => process.stdout.write('count ' + ++count + '\\n'), every);
  if (exit !== undefined) process.exit(exit);
  if (signal !== undefined) process.kill(process.pid, signal);
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => perform(JSON.parse(line)));
`;

export interface Instruction {
  stdout?: string;
  stderr?: string;
  /** Writes `count 1`, `count 2`, … at every so many milliseconds from now on; 0 stops that. */
  count?: number;
  exit?: number;
  signal?: NodeJS.Signals;
}

export interface CommandOptions {
  /** Options of `stratal run` before the command. */
  options?: readonly string[];
  /** What the command reads; without it its stdin is empty. */
  stdin?: 'pipe' | 'ignore';
}

/** `stratal run … -- command` as a process of its own, with a spool of its own. */
export class StratalRun {
  readonly runId: string;
  /** The code that the caller of `stratal run` gets. */
  readonly exitCode: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #output: Buffer[] = [];

  private constructor(child: ChildProcess, runId: string, spool: string) {
    this.#child = child;
    this.runId = runId;
    child.stdout?.on('data', (part: Buffer) => this.#output.push(part));
    this.exitCode = once(child, 'close').then(([code]) => {
      rmSync(spool, { recursive: true, force: true });
      return code;
    });
  }

  /** Starts it; resolves when it has told the run's address, which is before the server needs to know the run. */
  static async start(url: string, command: readonly string[], { options = [], stdin = 'ignore' }: CommandOptions = {}) {
    const spool = mkdtempSync(path.join(tmpdir(), 'stratal-e2e-spool-'));
    const child = spawn(process.execPath, [LAUNCHER, 'run', ...options, '--', ...command], {
      env: { ...process.env, STRATAL_URL: url, STRATAL_SPOOL_DIR: spool },
      stdio: [stdin, 'pipe', 'pipe'],
    });
    const runId = await new Promise<string>((resolve, reject) => {
      let stderr = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
        const found = /\/job-runs\/(\S+)\n/.exec(stderr);
        if (found?.[1] !== undefined) resolve(found[1]);
      });
      child.once('exit', (code) => reject(new Error(`stratal run ended with ${code}: ${stderr}`)));
      child.once('error', reject);
    });
    return new StratalRun(child, runId, spool);
  }

  /** Starts a program that does what `tell` says. */
  static startPuppet(url: string, options: readonly string[] = []): Promise<StratalRun> {
    return StratalRun.start(url, ['node', '-e', PUPPET], { options, stdin: 'pipe' });
  }

  /** What the command has written to stdout so far, as `stratal run` passed it on. */
  get output(): Buffer {
    return Buffer.concat(this.#output);
  }

  get stdout(): string {
    return this.output.toString('utf8');
  }

  tell(instruction: Instruction): void {
    this.#child.stdin?.write(`${JSON.stringify(instruction)}\n`);
  }

  /** Ends what still runs; for the end of a test that failed before its command did. */
  async close(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.exitCode;
  }
}
