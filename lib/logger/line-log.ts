import { closeSync, openSync, readdirSync, readSync, renameSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { encodeOperation, firstRecords, lengthOfLines, type Operation, type Records } from './record';
import { FileSegment, MemorySegment, type Segment, type SegmentContent } from './segment';

const MIB = 1024 * 1024;
/** A file is begun anew from this size on, so that delivered ones can be deleted. */
const FILE_SEGMENT_BYTES = 8 * MIB;
/** All memory segments together; each is an eighth, so that delivered ones make room. */
const MEMORY_BYTES_MAX = 8 * MIB;
/** Files are not written where less than this, or a tenth of a small disk, is free: a spool never fills it under the command. */
const DISK_RESERVE_BYTES = 256 * MIB;
const SEGMENT_FILE = /^(\d{8})-(\d{15})\.ndjson$/;

interface Cursor {
  segment: Segment;
  offset: number;
  /** Lines before the cursor, from the producer's first. */
  position: number;
}

/** Where a log keeps its lines. */
export interface LineLogOptions {
  /** A folder of its own; absent: memory alone. */
  directory?: string | undefined;
  /** @defaultValue 8 MiB */
  memoryBytesMax?: number | undefined;
}

/**
 * A producer's lines and operations in order, appended at one end and read at a cursor. Everything goes to files first
 * and is read back from them, so the process holds one batch, whatever waits; and what was appended outlives a killed
 * process. Where files fail it goes on in bounded memory. Segments behind the cursor are deleted.
 */
export class LineLog {
  readonly #directory: string | undefined;
  readonly #memoryBytesMax: number;
  #segments: Segment[] = [];
  #cursor: Cursor | undefined;
  #last: Records | undefined;
  #sequence = 0;
  #end = 0;
  /** Lines that an earlier process could not write, and that are lost with it. */
  missingLines = 0;

  constructor(options: LineLogOptions = {}) {
    this.#directory = options.directory;
    this.#memoryBytesMax = options.memoryBytesMax ?? MEMORY_BYTES_MAX;
  }

  /** The log that an earlier process left in a folder, its cursor at the oldest record. */
  static reopen(directory: string): LineLog {
    const log = new LineLog({ directory });
    for (const name of readdirSync(directory).sort()) {
      const match = SEGMENT_FILE.exec(name);
      if (!match) continue;
      const sequence = Number(match[1]);
      const first = Number(match[2]);
      const gap = log.#segments.length === 0 ? 0 : first - log.#end;
      const place = { sequence, first: first - gap };
      const path = join(directory, segmentName(place));
      // Lines that were in the dead process's memory lie between: the rest closes up, or the server would wait for them.
      if (gap !== 0) renameSync(join(directory, name), path);
      log.missingLines += gap;
      const segment = new FileSegment(path, place, measure(path));
      log.#segments.push(segment);
      log.#sequence = place.sequence;
      log.#end = place.first + segment.count;
    }
    log.#cursor = startOf(log.#segments[0]);
    return log;
  }

  /** Lines that were accepted, or lie before the oldest one kept. */
  get position(): number {
    return this.#cursor?.position ?? 0;
  }

  /** Lines that were appended and not yet accepted. */
  get waiting(): number {
    const accepted = this.#cursor ? this.#cursor.position - this.#cursor.segment.first : 0;
    return this.#segments.reduce((sum, segment) => sum + segment.count, -accepted);
  }

  /** Adds lines in their ingest form, each ending in a line feed; false where no room is left for them. */
  append(records: Buffer, lines: number): boolean {
    const segment = this.#appendable(records.length);
    if (segment?.append(records, lines)) {
      this.#end += lines;
      return true;
    }
    return segment?.kind === 'file' && this.#appendToMemory(records, lines);
  }

  /** Adds an operation between the lines before it and after it. Operations are few and small: memory always takes them. */
  appendOperation(operation: Operation): void {
    const record = encodeOperation(operation);
    if (!this.append(record, 0)) this.#add(new MemorySegment(this.#place())).append(record, 0);
  }

  /** The records at the cursor, at least one and otherwise at most `bytesMax` bytes; undefined where nothing waits. */
  read(bytesMax: number): Records | undefined {
    for (;;) {
      const cursor = this.#cursor;
      if (!cursor) return undefined;
      const block = cursor.segment.read(cursor.offset, bytesMax);
      if (block.length > 0) {
        this.#last = firstRecords(block) ?? this.#readLongRecord(cursor, bytesMax * 2);
        if (this.#last) return this.#last;
      }
      if (!this.#leaveSegment(cursor)) return undefined;
    }
  }

  /** Moves the cursor over the first `lines` lines of what was read last, or over the operation. */
  accept(lines = 0): void {
    const last = this.#last;
    if (!last || !this.#cursor) return;
    this.#cursor.offset += last.kind === 'lines' ? lengthOfLines(last.bytes, lines) : last.bytes.length;
    this.#cursor.position += last.kind === 'lines' ? lines : 0;
    this.#last = undefined;
  }

  /** Moves the cursor back to the line after `position` lines, or the oldest one kept; returns where it now is. */
  seekBack(position: number): number {
    const segment = this.#segments.find((each) => position < each.first + each.count) ?? this.#segments.at(-1);
    if (!segment) return position;
    this.#cursor = { segment, offset: 0, position: segment.first };
    this.#last = undefined;
    for (let left = position - segment.first; left > 0; ) {
      const records = this.read(MIB);
      if (!records) break;
      const lines = records.kind === 'lines' ? Math.min(left, records.count) : 0;
      this.accept(lines);
      left -= lines;
    }
    return this.#cursor.position;
  }

  /**
   * Makes what waits survive this process and a loss of power, as far as the disk allows. Returns how many lines remain in
   * memory alone.
   */
  keep(): number {
    let lost = 0;
    this.#segments = this.#segments.map((segment) => {
      const kept = segment.kind === 'file' ? segment : (this.#toFile(segment) ?? segment);
      if (kept !== segment && this.#cursor?.segment === segment) this.#cursor.segment = kept;
      try {
        kept.sync();
      } catch {
        // It stays in the page cache: all but a loss of power is survived.
      }
      if (kept.kind === 'memory')
        lost += kept.count - (this.#cursor?.segment === kept ? this.position - kept.first : 0);
      return kept;
    });
    return lost;
  }

  close(): void {
    for (const segment of this.#segments) segment.close();
  }

  #appendable(bytes: number): Segment | undefined {
    const newest = this.#segments.at(-1);
    if (newest?.kind === 'file' && newest.byteLength < FILE_SEGMENT_BYTES) return newest;
    if (newest?.kind === 'memory' && newest.byteLength < this.#memoryBytesMax / 8) {
      return this.#hasMemoryFor(bytes) ? newest : undefined;
    }
    return this.#addFile() ?? (this.#hasMemoryFor(bytes) ? this.#add(new MemorySegment(this.#place())) : undefined);
  }

  #appendToMemory(records: Buffer, lines: number): boolean {
    if (!this.#hasMemoryFor(records.length)) return false;
    this.#add(new MemorySegment(this.#place())).append(records, lines);
    this.#end += lines;
    return true;
  }

  #addFile(): Segment | undefined {
    try {
      return this.#directory === undefined ? undefined : this.#add(this.#makeFile(this.#directory, this.#place()));
    } catch {
      return undefined;
    }
  }

  #makeFile(directory: string, place: { sequence: number; first: number }): FileSegment {
    const { bavail, blocks, bsize } = statfsSync(directory);
    if (bavail * bsize < Math.min(DISK_RESERVE_BYTES, (blocks * bsize) / 10))
      throw new Error('the disk is nearly full');
    return new FileSegment(join(directory, segmentName(place)), place);
  }

  #toFile(segment: Segment): Segment | undefined {
    if (this.#directory === undefined) return undefined;
    try {
      const file = this.#makeFile(this.#directory, segment);
      if (file.append(segment.read(0, segment.byteLength), segment.count)) return file;
      file.discard();
      return undefined;
    } catch {
      return undefined;
    }
  }

  #place(): { sequence: number; first: number } {
    this.#sequence += 1;
    return { sequence: this.#sequence, first: this.#end };
  }

  #add(segment: Segment): Segment {
    const newest = this.#segments.at(-1);
    if (newest !== this.#cursor?.segment) newest?.close();
    this.#segments.push(segment);
    this.#cursor ??= startOf(segment);
    return segment;
  }

  #hasMemoryFor(bytes: number): boolean {
    const held = this.#segments.reduce((sum, each) => sum + (each.kind === 'memory' ? each.byteLength : 0), 0);
    return held + bytes <= this.#memoryBytesMax;
  }

  #readLongRecord(cursor: Cursor, bytesMax: number): Records | undefined {
    const block = cursor.segment.read(cursor.offset, bytesMax);
    const records = firstRecords(block);
    return records || block.length < bytesMax ? records : this.#readLongRecord(cursor, bytesMax * 2);
  }

  /** Goes to the next segment's start and deletes this one; false on the newest. */
  #leaveSegment(cursor: Cursor): boolean {
    const index = this.#segments.indexOf(cursor.segment);
    const next = this.#segments[index + 1];
    if (!next) return false;
    this.#cursor = startOf(next);
    for (const segment of this.#segments.splice(0, index + 1)) segment.discard();
    return true;
  }
}

function segmentName({ sequence, first }: { sequence: number; first: number }): string {
  return `${String(sequence).padStart(8, '0')}-${String(first).padStart(15, '0')}.ndjson`;
}

function startOf(segment: Segment | undefined): Cursor | undefined {
  return segment && { segment, offset: 0, position: segment.first };
}

/** Counts the whole records of a file; a torn one at its end, left by a killed process, is not one. */
function measure(path: string): SegmentContent {
  const content = { count: 0, byteLength: 0 };
  const block = Buffer.allocUnsafe(2 * MIB);
  const fd = openSync(path, 'r');
  try {
    for (;;) {
      const records = firstRecords(block.subarray(0, readSync(fd, block, 0, block.length, content.byteLength)));
      if (!records) return content;
      content.byteLength += records.bytes.length;
      content.count += records.kind === 'lines' ? records.count : 0;
    }
  } finally {
    closeSync(fd);
  }
}
