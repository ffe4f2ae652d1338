import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ApiConnection } from './api-connection';
import { Delivery } from './delivery';
import { readHead, Spool } from './spool';
import { leaveToOthers, takeOver } from './spool-owner';

/** What became of one spool that an earlier process had left. */
export interface SpoolReport {
  directory: string;
  jobRunId: string;
  url: string;
  end: 'delivered' | 'waiting' | 'refused';
  /** Lines accepted now. */
  deliveredLines: number;
  /** Lines that still wait. */
  waitingLines: number;
  /** Why it was not delivered, as an end of "the server cannot be reached: …". */
  trouble?: string | undefined;
  notices: string[];
  /** Lines that are kept nowhere: lost with a process's memory, or by the server after it had accepted them. */
  missingLines: number;
}

export interface DeliverWaitingOptions {
  /** The folder of all spools; undefined where there is none. */
  root: string | undefined;
  /** The connection for a spool's server and run; undefined leaves the spool alone. */
  connect: (target: { url: string; jobRunId: string }) => ApiConnection | undefined;
  signal: AbortSignal;
  /** Go on to the next spool at the first failure, instead of trying until the signal aborts. */
  givesUpEarly: boolean;
  onReport?: ((report: SpoolReport) => void) | undefined;
  /** A folder whose head cannot be read, although it holds lines. */
  onUnreadable?: ((directory: string) => void) | undefined;
}

/**
 * Delivers the spools whose processes are gone, the oldest first, and deletes what arrived. Spools of living processes,
 * this one too, are left alone. Never throws.
 */
export async function deliverWaitingSpools(options: DeliverWaitingOptions): Promise<void> {
  for (const directory of listSpools(options.root)) {
    if (options.signal.aborted) return;
    const head = readHead(directory);
    const api = head && options.connect({ url: head.url, jobRunId: head.job_run_id });
    if ((head && !api) || !takeOver(directory)) continue;
    if (api) await openAndDeliver(directory, api, options);
    else forget(directory, options);
  }
}

async function openAndDeliver(directory: string, api: ApiConnection, options: DeliverWaitingOptions): Promise<void> {
  try {
    await deliverOne(Spool.open(directory), directory, api, options);
  } catch {
    // Its files went away or cannot be read: another process delivered it, or the next one tries again.
    leaveToOthers(directory);
  }
}

async function deliverOne(
  spool: Spool,
  directory: string,
  api: ApiConnection,
  options: DeliverWaitingOptions,
): Promise<void> {
  const waitingBefore = spool.log.waiting;
  const delivery = new Delivery({ api, spool, givesUpEarly: options.givesUpEarly });
  delivery.finish();
  let end: SpoolReport['end'] = 'waiting';
  try {
    const result = await delivery.run(options.signal);
    end = result.kind === 'stopped' ? 'waiting' : result.kind;
  } catch (error) {
    delivery.trouble = error instanceof Error ? error.message : String(error);
  }
  const waitingLines = end === 'delivered' ? 0 : spool.log.waiting;
  if (end === 'delivered') {
    spool.remove();
  } else {
    spool.close();
    leaveToOthers(directory);
  }
  options.onReport?.({
    directory,
    jobRunId: spool.head.job_run_id,
    url: spool.head.url,
    end,
    deliveredLines: Math.max(0, waitingBefore - waitingLines),
    waitingLines,
    trouble: delivery.trouble,
    notices: delivery.notices,
    missingLines: delivery.forgottenLines + spool.log.missingLines,
  });
}

/** Source ids are UUIDv7, so the order of names is the order of making. */
function listSpools(root: string | undefined): string[] {
  if (root === undefined) return [];
  try {
    return readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(root, entry.name))
      .sort();
  } catch {
    return [];
  }
}

/** A folder without a head: one whose process died while making it is deleted, one that holds lines is reported. */
function forget(directory: string, options: DeliverWaitingOptions): void {
  if (holdsLines(directory)) {
    leaveToOthers(directory);
    options.onUnreadable?.(directory);
  } else {
    rmSync(directory, { recursive: true, force: true });
  }
}

function holdsLines(directory: string): boolean {
  try {
    return readdirSync(directory).some((name) => name.endsWith('.ndjson'));
  } catch {
    return false;
  }
}
