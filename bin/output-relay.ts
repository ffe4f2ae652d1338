import type { StreamCapture } from '@/lib/logger/producer';
import type { CommandOutput } from './command-process';
import type { FdWriter } from './fd-writer';
import type { CaptureFilter, OutputPiece } from './nested-output';

/**
 * Passes one output through, chunk by chunk as it is read, and captures it. The next chunk is read when our own output took
 * this one, so a slow reader slows the command as a plain pipe would; the server never does.
 */
export class OutputRelay {
  readonly #output: CommandOutput;
  readonly #writer: FdWriter;
  readonly #capture: StreamCapture;
  readonly #filter: CaptureFilter;
  #waitingSinceMs: number | undefined;
  readonly done: Promise<void>;

  constructor(output: CommandOutput, writer: FdWriter, capture: StreamCapture, filter: CaptureFilter) {
    this.#output = output;
    this.#writer = writer;
    this.#capture = capture;
    this.#filter = filter;
    this.done = this.#run();
  }

  /**
   * To be called when the command has ended: what is still in the pipe is read, but a process that it left behind and that
   * holds the pipe open is not waited for longer than `quietMs` after its newest output. False where one was left so.
   */
  async drain(quietMs: number): Promise<boolean> {
    let isDone = false;
    const done = this.done.then(() => {
      isDone = true;
    });
    const endedMs = performance.now();
    while (!isDone) {
      const quietSinceMs = Math.max(endedMs, this.#waitingSinceMs ?? performance.now());
      const leftMs = quietSinceMs + quietMs - performance.now();
      if (leftMs <= 0) break;
      await Promise.race([done, new Promise((resolve) => setTimeout(resolve, leftMs))]);
    }
    if (isDone) return true;
    this.#output.source.destroy();
    await this.done;
    return false;
  }

  async #run(): Promise<void> {
    this.#waitingSinceMs = performance.now();
    try {
      for await (const chunk of this.#output.source) {
        this.#waitingSinceMs = undefined;
        await this.#passOn(this.#filter.push(chunk));
        // Leaving the loop closes our end, and the command's next write meets a closed pipe, as it would without us.
        if (this.#writer.isClosed) break;
        this.#waitingSinceMs = performance.now();
      }
    } catch {
      // The source was destroyed, or a read failed: there is no more to pass on.
    }
    await this.#passOn(this.#filter.end());
    this.#capture.end();
  }

  async #passOn(pieces: OutputPiece[]): Promise<void> {
    for (const { bytes, isCaptured } of pieces) {
      // Into the spool first: what was seen is never lost, not even by a kill at this moment.
      if (!isCaptured) this.#capture.write(bytes);
      await this.#writer.write(bytes);
    }
  }
}
