import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { idSchema } from '@/lib/protocol/ids';
import { LineLog } from './line-log';
import { operationSchema } from './record';
import { takeOwnership } from './spool-owner';

const HEAD_FILE = 'head.json';

/** What a spool's lines belong to and where they go. */
const spoolHeadSchema = z.object({
  version: z.literal(1),
  /** The server. */
  url: z.url(),
  /** The producer, as the server counts its lines. */
  source: z.uuid(),
  /** How many lines of the log came before this source's first; over 0 only where the server had forgotten an earlier one. */
  base: z.number().int().nonnegative(),
  job_run_id: idSchema,
  /** Lines that name no task belong to this one. */
  task_run_id: idSchema.optional(),
  /** Requests that come before the first line. */
  setup: z.array(operationSchema),
});
export type SpoolHead = z.infer<typeof spoolHeadSchema>;

/**
 * One producer's lines on their way to a server, in a folder of its own named after the source: `head.json` says where they
 * go, `owner.json` which process has them, the log's files hold them. No file is flushed to the device before `keep`: a
 * killed process loses nothing, a loss of power may cost what the server had not taken. The token is never written.
 */
export class Spool {
  readonly log: LineLog;
  /** Undefined where no folder can be written: then everything is in memory. */
  readonly directory: string | undefined;
  head: SpoolHead;

  private constructor(head: SpoolHead, log: LineLog, directory: string | undefined) {
    this.head = head;
    this.log = log;
    this.directory = directory;
  }

  /** A new spool below `root`; never throws: without a folder it works in memory. */
  static create(root: string | undefined, head: SpoolHead, memoryBytesMax?: number): Spool {
    const directory = root === undefined ? undefined : makeDirectory(join(root, head.source));
    const spool = new Spool(head, new LineLog({ directory, memoryBytesMax }), directory);
    spool.saveHead();
    return spool;
  }

  /** One that a process left. Throws where it is damaged or gone. */
  static open(directory: string): Spool {
    const head = readHead(directory);
    if (!head) throw new Error(`${join(directory, HEAD_FILE)} cannot be read`);
    return new Spool(head, LineLog.reopen(directory), directory);
  }

  /** Writes a changed head; where that fails, this process goes on with it in memory. */
  saveHead(): void {
    if (this.directory === undefined) return;
    const path = join(this.directory, HEAD_FILE);
    try {
      writeFileSync(`${path}.new`, JSON.stringify(this.head), { mode: 0o600 });
      renameSync(`${path}.new`, path);
    } catch {
      // The disk is full; the log notices it too and says what it could not keep.
    }
  }

  /** Deletes everything: it was delivered. */
  remove(): void {
    this.log.close();
    if (this.directory !== undefined) rmSync(this.directory, { recursive: true, force: true });
  }

  /** Leaves the folder for a later process. */
  close(): void {
    this.log.close();
  }
}

/** The head of the spool in a folder; undefined where there is none that can be read. */
export function readHead(directory: string): SpoolHead | undefined {
  try {
    return spoolHeadSchema.parse(JSON.parse(readFileSync(join(directory, HEAD_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

function makeDirectory(directory: string): string | undefined {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    takeOwnership(directory);
    return directory;
  } catch {
    return undefined;
  }
}
