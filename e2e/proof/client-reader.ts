import { LogStreamer, type TransportName } from '@/lib/client/log-streamer';
import type { OpenConnection } from './raw-reader';

/** Our own client as a reader: it connects again by itself, so that its one connection lasts until the end. */
export function openClient(transport: TransportName): OpenConnection {
  return (target, { run, filter }, cursor, on) => {
    let leave = () => {};
    const closed = new Promise<void>((resolve) => {
      leave = resolve;
    });
    const streamer = new LogStreamer({
      baseUrl: target,
      transport,
      ...(run && { jobRunId: run.id }),
      ...(cursor !== undefined && { after: cursor }),
      ...(filter && { filter: filter.query }),
      onConnect: (event) => {
        on.opened();
        on.control('connected', event);
      },
      onBatch: (lines, after) => {
        for (const line of lines) on.line(line, line === lines.at(-1) ? after : (line.cursor ?? String(line.id)));
      },
      onReset: (event) => on.control('reset', event),
      onRunEnd: (event) => {
        on.control('run-end', event);
        if (!run) return;
        on.over();
        leave();
      },
      onDisconnect: ({ kind, error }) => {
        if (kind === 'refused') on.fault(`refused: ${error?.message}`);
      },
    });
    streamer.connect();
    const cut = () => {
      streamer.disconnect();
      leave();
    };
    return { closed, cut, pause: () => {}, resume: () => {} };
  };
}
