import { statfs } from 'node:fs/promises';
import { StratalError } from '@/lib/errors/stratal-error';

/** A look at the file system holds for so long, unless what was admitted since could have filled it. */
const LOOK_MS = 1000;
/** While space is short it is looked again after this, so that a crowd that tries again costs little. */
const SHORT_LOOK_MS = 100;
/** Disk that a byte of text takes at most, about: itself and its place in the write-ahead log, once as it comes and once merged. */
const DISK_BYTES_PER_BYTE = 4;
const MIB = 1024 * 1024;

export interface DiskReserveOptions {
  /** Any folder of the file system. */
  folder: string;
  /** Bytes that stay free. */
  reserveBytes: number;
  /** Observability: space has become short, or is there again. */
  onChange?: ((isShort: boolean, freeBytes: number) => void) | undefined;
  /** Free bytes for who is not root; the kernel's answer unless a test says otherwise. */
  readFree?: ((folder: string) => Promise<number>) | undefined;
}

/** Gives back what `admit` counted. */
export type Release = () => void;

/**
 * Keeps a part of a file system free: on a full disk Postgres stops, for readers too, so new lines are refused before. Between two looks
 * at the file system, what was admitted counts as written, so that no burst runs past the reserve.
 */
export class DiskReserve {
  readonly #options: DiskReserveOptions;
  readonly #readFree: (folder: string) => Promise<number>;
  /** Bytes admitted since the start, and those of them that are not released yet. */
  #admitted = 0;
  #inFlight = 0;
  #seen = { at: Number.NEGATIVE_INFINITY, free: 0, admitted: 0, inFlight: 0 };
  #looking: Promise<void> | undefined;
  #isShort = false;

  constructor(options: DiskReserveOptions) {
    this.#options = options;
    this.#readFree = options.readFree ?? freeBytes;
  }

  /** Counts bytes that are about to be stored; call the result when they are, or will not be. Too little space: STRATAL_DISK_FULL. */
  async admit(bytes: number): Promise<Release> {
    const { reserveBytes } = this.#options;
    if (!(await this.#hasRoom(bytes))) {
      const reserve = Math.ceil(reserveBytes / MIB);
      throw new StratalError(
        'STRATAL_DISK_FULL',
        `The server’s disk has less than its reserve of ${reserve} MiB free, so nothing new is stored; free some space, and send this again.`,
        { members: { free_bytes: this.#seen.free, reserve_bytes: reserveBytes } },
      );
    }
    this.#admitted += bytes;
    this.#inFlight += bytes;
    let isOpen = true;
    return () => {
      if (isOpen) this.#inFlight -= bytes;
      isOpen = false;
    };
  }

  /** True where nothing more should be written than has to be. */
  async isShort(): Promise<boolean> {
    return !(await this.#hasRoom(0));
  }

  async #hasRoom(bytes: number): Promise<boolean> {
    const age = performance.now() - this.#seen.at;
    if (age > LOOK_MS || (age > SHORT_LOOK_MS && !this.#fits(bytes))) {
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
      await this.#looking;
    }
    return this.#fits(bytes);
  }

  #fits(bytes: number): boolean {
    const { free, admitted, inFlight } = this.#seen;
    const unseen = this.#admitted - admitted + inFlight + bytes;
    return free - unseen * DISK_BYTES_PER_BYTE >= this.#options.reserveBytes;
  }

  async #look(): Promise<void> {
    const before = { admitted: this.#admitted, inFlight: this.#inFlight };
    const free = await this.#readFree(this.#options.folder);
    this.#seen = { at: performance.now(), free, ...before };
    const isShort = free < this.#options.reserveBytes;
    if (isShort !== this.#isShort) this.#options.onChange?.(isShort, free);
    this.#isShort = isShort;
  }
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** Where the disk is another machine's: everything is admitted. */
export const noDiskReserve: Pick<DiskReserve, 'admit' | 'isShort'> = {
  admit: async () => () => {},
  isShort: async () => false,
};
