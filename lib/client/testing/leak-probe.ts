import { LogStreamer } from '@/lib/client/log-streamer';
import { RunWatcher } from '@/lib/client/run-watcher';
import { RUN } from './fixtures';

/**
 * A program of its own: streams, stops, and must come to its end by itself, as a timer or socket left over would keep it
 * alive. Arguments: a server's URL, a URL where nothing listens, the transport.
 */
const [, , url, nowhere, name] = process.argv;
const transport = name === 'sse' || name === 'socketio' ? name : 'websocket';

const live = new LogStreamer({
  transport,
  jobRunId: RUN,
  ...(url !== undefined && { baseUrl: url }),
  onMessage: () => {
    live.disconnect();
    waiting.connect();
  },
});
const waiting = new LogStreamer({
  transport,
  jobRunId: RUN,
  ...(nowhere !== undefined && { baseUrl: nowhere }),
  onStateChange: ({ kind }) => {
    if (kind !== 'reconnecting') return;
    waiting.disconnect();
    if (transport === 'socketio') watch();
  },
});

function watch(): void {
  const watcher = new RunWatcher(url);
  watcher.watchStatus(
    () => undefined,
    () => watcher.close(),
  );
}

live.connect();
