import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findFakeTime } from '@/scripts/find-fake-time.mjs';

/** A time of day that programs started with `env` see, and that can be set while they run. */
export class FakeClock {
  readonly env: Record<string, string>;
  readonly #folder: string;
  readonly #file: string;

  private constructor(folder: string, library: string) {
    this.#folder = folder;
    this.#file = path.join(folder, 'clock');
    this.env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      // Who sets a machine's clock does not set the one that counts since its start.
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }

  /** One that shows the true time; undefined where libfaketime is not installed. */
  static async make(): Promise<FakeClock | undefined> {
    const library = findFakeTime();
    if (library === undefined) return undefined;
    const folder = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-clock-'));
    // Started by root, Postgres runs as another user, who has to read it.
    await chmod(folder, 0o755);
    const clock = new FakeClock(folder, library);
    await clock.set('+0');
    return clock;
  }

  /** Sets it to the true time with an offset, such as `-1h`. */
  async set(offset: string): Promise<void> {
    await writeFile(this.#file, `${offset}\n`);
  }

  async remove(): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
