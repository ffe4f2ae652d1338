import { INGEST_HELD_BYTES_MAX, INGEST_PENDING_BYTES_MAX, INGEST_PENDING_FREE_BYTES } from '@/lib/config/limits';
import { StratalError } from '@/lib/errors/stratal-error';
import type { BodyHold } from './body-hold';

/** What all bodies take together: lines that are decoded and not yet committed, and the beginnings of lines that have not ended. */
export class IngestLoad {
  #bytes = 0;
  #pendingBytes = 0;
  /** The bodies inside a line, by when they began to be. */
  readonly #pending = new Set<BodyHold>();

  get heldBytes(): number {
    return this.#bytes;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** True where a body is to read on only when its own lines are committed. */
  get isHigh(): boolean {
    return this.#bytes > INGEST_HELD_BYTES_MAX;
  }

  take(bytes: number): void {
    this.#bytes += bytes;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** A body holds another number of bytes than `before`. With too much of all bodies, those give way whose large line is unended longest. */
  changePending(body: BodyHold, before: number): void {
    this.#pendingBytes += body.bytes - before;
    if (body.bytes === 0) this.#pending.delete(body);
    else this.#pending.add(body);
    if (this.#pendingBytes <= INGEST_PENDING_BYTES_MAX) return;
    for (const other of this.#pending) {
      if (other.bytes <= INGEST_PENDING_FREE_BYTES) continue;
      other.fail(tooBusy());
      if (this.#pendingBytes <= INGEST_PENDING_BYTES_MAX) return;
    }
  }
}

function tooBusy(): StratalError {
  return new StratalError(
    'STRATAL_INGEST_BUSY',
    'Too many long lines are being sent at once; send this one again in a moment.',
  );
}
