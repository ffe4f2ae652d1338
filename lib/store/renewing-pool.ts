import { setMaxListeners } from 'node:events';
import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Sql } from './database';

/** A retired pool's other sessions still take what waits for one, for so long, … */
const DRAIN_MS = 1000;
/** … and then have so long for what they are at. */
const ANSWER_SECONDS = 5;

/** What a pool tells of its connections, by their numbers; postgres.js' option of that name. */
export interface SessionEvents {
  /** It is closed, or could not be made. */
  onclose: (connection: number) => void;
}

/**
 * A pool that gives way to a new one as soon as one of its sessions is lost. postgres.js (3.4.9, newest; its issues 1193 and 1208) takes
 * what the lost session left over into the next one: bytes that were not written yet, the timer that would have written them, and the
 * last error. Such a connection may never write again, and whoever waits for it waits for ever. An attempt that was refused, as by a
 * database that is away or has no room, loses nothing: the driver makes the next one when it is time, and sessions stay.
 *
 * `open` makes a pool whose sessions tell of their end, of which at most `max` are open. `end` ends it for good.
 */
export function renewingPool(open: (events: SessionEvents) => Sql, max: number): Sql {
  const retiring = new Set<Promise<void>>();
  const ended = new AbortController();
  // Each pool that retires waits for it, however many there are where a database comes and goes.
  setMaxListeners(0, ended.signal);
  let current = make();

  function make(): Sql {
    /** Connections that a statement was given to, which the driver does, for itself, as soon as there is a session. */
    const sessions = new Set<number>();
    const pool: Sql = open({
      onclose: (connection) => {
        if (!sessions.has(connection) || ended.signal.aborted || pool !== current) return;
        current = make();
        const end = retire(pool, max, ended.signal).finally(() => retiring.delete(end));
        retiring.add(end);
      },
    });
    // Only now: given from the start, the driver would also note for each query where it was asked.
    Object.assign(pool.options, { debug: (connection: number) => sessions.add(connection) });
    return pool;
  }

  async function end(options?: { timeout?: number }): Promise<void> {
    ended.abort();
    await Promise.all([current.end(options), ...retiring]);
  }

  return new Proxy(current, {
    apply: (_, self, args) => Reflect.apply(current, self, args),
    get: (_, name) => (name === 'end' ? end : Reflect.get(current, name)),
  });
}

/** Ends a pool of which a session was lost: it opens no other one, and what waits for that is refused. */
async function retire(pool: Sql, max: number, signal: AbortSignal): Promise<void> {
  Object.assign(pool.options, { socket: lostSocket });
  if (max === 1) return pool.end({ timeout: 0 });
  // What was asked of a connection between its loss and its close is told only by its next attempt to connect: each that is free makes one.
  for (let connection = 0; connection < max; connection++) pool`select 1`.catch(() => {});
  await wait(DRAIN_MS, undefined, { ref: false, signal }).catch(() => {});
  await pool.end({ timeout: signal.aborted ? 0 : ANSWER_SECONDS });
}

/** A connection that is lost as soon as it is looked at. */
function lostSocket(): Socket {
  const socket = new Socket();
  setImmediate(() => socket.destroy(Object.assign(new Error('the session was lost'), { code: 'CONNECTION_CLOSED' })));
  return socket;
}
