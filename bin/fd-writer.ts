import { write } from 'node:fs';
import { type CaptureMark, markBytes } from './nested-output';

/** How long to wait where a descriptor was made non-blocking by somebody else and is full. */
const FULL_WAIT_MS = 5;

/**
 * Writes bytes to one of our own descriptors and waits until it took them, on a thread of its own: a reader that is slow
 * (a pager) holds back the command's pipe as if it were directly connected, but not our event loop. `process.stdout` would
 * either block that loop or make the descriptor non-blocking for every process that shares it.
 */
export class FdWriter {
  readonly #fd: number;
  readonly #mark: CaptureMark | undefined;
  #failure: NodeJS.ErrnoException | undefined;

  /** `mark` is put around all that is written, where a `stratal run` around this one captures the descriptor. */
  constructor(fd: number, mark?: CaptureMark) {
    this.#fd = fd;
    this.#mark = mark;
  }

  /** True where the reader has gone (EPIPE). */
  get isClosed(): boolean {
    return this.#failure?.code === 'EPIPE';
  }

  /** The error that ended writing: a full disk, a closed terminal; undefined while all is well. */
  get failure(): NodeJS.ErrnoException | undefined {
    return this.#failure;
  }

  /** Resolves when the bytes are written, or after a failure at once. One call at a time keeps their order. */
  async write(bytes: Buffer): Promise<void> {
    for (const block of this.#mark ? markBytes(bytes, this.#mark) : [bytes]) await this.#writeAll(block);
  }

  async #writeAll(bytes: Buffer): Promise<void> {
    let offset = 0;
    while (offset < bytes.length && this.#failure === undefined) offset += await this.#writeSome(bytes, offset);
  }

  #writeSome(bytes: Buffer, offset: number): Promise<number> {
    return new Promise((resolve) => {
      write(this.#fd, bytes, offset, bytes.length - offset, null, (error, written) => {
        if (!error) return resolve(written);
        if (error.code === 'EAGAIN') return void setTimeout(resolve, FULL_WAIT_MS, 0);
        this.#failure = error;
        resolve(0);
      });
    });
  }
}
