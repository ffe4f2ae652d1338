import { type ConnectOptions, connect, connectPlainly } from './database';

/** LISTEN and NOTIFY on connections of their own: a pooler in transaction mode cannot carry LISTEN. */
export interface Notifications {
  /** Hears the channel from now on, also after the connection was lost; `onListen` is called each time that it is heard (again). */
  listen(channel: string, onNotify: (payload: string) => void, onListen: () => void): Promise<unknown>;
  notify(channel: string, payload: string): Promise<unknown>;
  close(): Promise<void>;
}

export function openNotifications(options: ConnectOptions): Notifications {
  const sql = connect(options, 1);
  // Listening goes on by itself on new connections, and writes nothing else that a lost one could leave over.
  const listening = connectPlainly(options, 1);
  return {
    listen: (channel, onNotify, onListen) => listening.listen(channel, onNotify, onListen),
    // An announcement need not survive a power cut, so its commit does not wait for the disk.
    notify: (channel, payload) =>
      sql`select set_config('synchronous_commit', 'off', true), pg_notify(${channel}, ${payload})`,
    close: async () => {
      await Promise.all([sql, listening].map((pool) => pool.end({ timeout: 1 })));
    },
  };
}
