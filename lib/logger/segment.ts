import { closeSync, fsyncSync, ftruncateSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';

/**
 * A stretch of a producer's records, appended at its end and read anywhere. Lines are counted from the producer's first
 * one; records that are no lines are not counted.
 */
export interface Segment {
  readonly kind: 'file' | 'memory';
  /** Place among the segments of its log, from 1. */
  readonly sequence: number;
  /** How many lines the producer wrote before this segment. */
  readonly first: number;
  /** Lines in it. */
  readonly count: number;
  readonly byteLength: number;
  /** Adds whole records; false, and nothing is added, where it fails. */
  append(records: Buffer, lines: number): boolean;
  /** At most `bytesMax` bytes from `offset` on; fewer at the end. */
  read(offset: number, bytesMax: number): Buffer;
  /** Makes what was appended survive a loss of power. */
  sync(): void;
  /** Lets go of the file handle until it is needed again. */
  close(): void;
  /** Deletes it. */
  discard(): void;
}

/** Whole records that a file already holds. */
export interface SegmentContent {
  count: number;
  byteLength: number;
}

/** A segment in a file. Appends go to the page cache at once: they survive the process, after `sync` a loss of power too. */
export class FileSegment implements Segment {
  readonly kind = 'file';
  readonly sequence: number;
  readonly first: number;
  readonly path: string;
  count: number;
  byteLength: number;
  #fd: number | undefined;

  /** With `content` one that an earlier process left, else a new one; throws where the file cannot be made. */
  constructor(path: string, place: { sequence: number; first: number }, content?: SegmentContent) {
    this.path = path;
    this.sequence = place.sequence;
    this.first = place.first;
    this.count = content?.count ?? 0;
    this.byteLength = content?.byteLength ?? 0;
    if (!content) this.#fd = openSync(path, 'wx+', 0o600);
  }

  append(records: Buffer, lines: number): boolean {
    try {
      const fd = this.#open();
      let written = 0;
      while (written < records.length) {
        written += writeSync(fd, records, written, records.length - written, this.byteLength + written);
      }
    } catch {
      this.#cutTornRecord();
      return false;
    }
    this.byteLength += records.length;
    this.count += lines;
    return true;
  }

  read(offset: number, bytesMax: number): Buffer {
    const length = Math.min(bytesMax, this.byteLength - offset);
    if (length <= 0) return Buffer.alloc(0);
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(this.#open(), bytes, 0, length, offset));
  }

  sync(): void {
    fsyncSync(this.#open());
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  discard(): void {
    this.close();
    try {
      unlinkSync(this.path);
    } catch {
      // Another process has delivered and deleted it: that is what was asked for.
    }
  }

  #open(): number {
    this.#fd ??= openSync(this.path, 'r+');
    return this.#fd;
  }

  /** Where even that fails, `byteLength` bounds this process, and a later one stops at the last whole record. */
  #cutTornRecord(): void {
    try {
      ftruncateSync(this.#open(), this.byteLength);
    } catch {
      // Said above.
    }
  }
}

/** A segment for where no file can be written; it is lost with the process. Its user bounds its size. */
export class MemorySegment implements Segment {
  readonly kind = 'memory';
  readonly sequence: number;
  readonly first: number;
  #blocks: Buffer[] = [];
  count = 0;
  byteLength = 0;

  constructor(place: { sequence: number; first: number }) {
    this.sequence = place.sequence;
    this.first = place.first;
  }

  append(records: Buffer, lines: number): boolean {
    this.#blocks.push(records);
    this.byteLength += records.length;
    this.count += lines;
    return true;
  }

  read(offset: number, bytesMax: number): Buffer {
    if (this.#blocks.length > 1) this.#blocks = [Buffer.concat(this.#blocks)];
    return this.#blocks[0]?.subarray(offset, offset + bytesMax) ?? Buffer.alloc(0);
  }

  sync(): void {}

  close(): void {}

  discard(): void {
    this.#blocks = [];
    this.count = 0;
    this.byteLength = 0;
  }
}
