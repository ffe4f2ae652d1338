import type { Sql } from './database';

/** Retired pools have so long to answer what is under way on their other sessions, which are mostly lost as well. */
const RETIREMENT_SECONDS = 1;

/** What a pool is told of its sessions; postgres.js' option of that name. */
export interface SessionEvents {
  onclose: () => void;
}

/**
 * A pool that gives way to a new one as soon as one of its sessions is lost. postgres.js (3.4.9, newest; its issues 1193 and 1208) takes
 * what the lost session left over into the next one: bytes that were not written yet, the timer that would have written them, and the
 * last error. Such a connection may never write again, and whoever waits for it waits for ever.
 *
 * `open` makes a pool whose sessions tell of their end, of which at most `max` are open. `end` ends it for good.
 */
export function renewingPool(open: (events: SessionEvents) => Sql, max: number): Sql {
  const retiring = new Set<Promise<void>>();
  let isEnded = false;
  let current = make();

  function make(): Sql {
    const pool: Sql = open({
      onclose: () => {
        if (isEnded || pool !== current) return;
        current = make();
        const end = retire(pool, max).finally(() => retiring.delete(end));
        retiring.add(end);
      },
    });
    return pool;
  }

  async function end(options?: { timeout?: number }): Promise<void> {
    isEnded = true;
    await Promise.all([current.end(options), ...retiring]);
  }

  return new Proxy(current, {
    apply: (_, self, args) => Reflect.apply(current, self, args),
    get: (_, name) => (name === 'end' ? end : Reflect.get(current, name)),
  });
}

/** Ends a pool of which a session was lost: it opens no other, and whoever waits for one is told so. */
async function retire(pool: Sql, max: number): Promise<void> {
  const socket = () => {
    throw Object.assign(new Error('the session was lost'), { code: 'CONNECTION_CLOSED' });
  };
  Object.assign(pool.options, { socket });
  await pool.end({ timeout: max === 1 ? 0 : RETIREMENT_SECONDS });
}
