import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { socketOf } from './open-database';
import type { ServerProcess } from './server-process';

/** `psql` on the embedded Postgres of a server, kept open so that its start is in no figure. */
export class PsqlCopy {
  readonly #child: ChildProcess;
  #output = '';
  #tell: () => void = () => {};
  #copies = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    const read = (data: Buffer) => {
      this.#output += data.toString();
      this.#tell();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  }

  /** Undefined where there is no psql (Debian: postgresql-client). */
  static open(server: ServerProcess): PsqlCopy | undefined {
    if (spawnSync('psql', ['--version']).status !== 0) return undefined;
    const { folder, port } = socketOf(server);
    const args = ['-X', '-q', '-h', folder, '-p', String(port), '-U', 'stratal', 'stratal'];
    return new PsqlCopy(spawn('psql', args, { stdio: ['pipe', 'pipe', 'pipe'] }));
  }

  /** `\copy table from file`, until it has committed. Throws what psql says. */
  async copy(table: string, file: string): Promise<void> {
    const done = `copied ${this.#copies++}`;
    this.#output = '';
    this.#child.stdin?.write(`\\copy ${table} from '${file}'\n\\echo ${done}\n`);
    while (!this.#output.includes(done)) {
      await new Promise<void>((resolve) => {
        this.#tell = resolve;
      });
    }
    const said = this.#output.replace(done, '').trim();
    if (said !== '') throw new Error(`psql: ${said}`);
  }

  async stop(): Promise<void> {
    const gone = once(this.#child, 'exit');
    this.#child.stdin?.end('\\q\n');
    await gone;
  }
}
