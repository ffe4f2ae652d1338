import { ApiError, type StreamError } from '@/lib/client/client-errors';
import type { LogStreamingService } from '@/lib/client/log-streaming-service';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { ResetEvent } from '@/lib/protocol/stream-events';
import type { ConnectionNews } from './connection-news';

/** Characters that wait to be printed before the stream is left until they are. */
const WAITING_CHARS_MAX = 4 * 1024 * 1024;
/** Of a line beside its text: its ids, times and names. */
const FIELDS_CHARS = 500;

export interface LiveLinesOptions {
  service: LogStreamingService;
  runId: string;
  filter: FilterParameters;
  /** The cursor to go on behind. */
  after: string;
  news: ConnectionNews;
  say(sentence: string): void;
  /** Resolves to false where nobody takes lines any more. */
  print(logs: readonly LogMessage[]): Promise<boolean>;
  /** Lines are gone behind those that were printed. */
  onReset(event: ResetEvent): Promise<void>;
}

/** Lines that come one behind the other, and what went before them. */
interface Stretch {
  reset?: ResetEvent;
  logs: LogMessage[];
}

/**
 * Prints a run's lines as they come and resolves when the run has ended, or nobody takes them any more. Rejects with what
 * ended the stream otherwise. Where printing falls behind, the stream is left and taken again at its cursor: what a
 * pager does not take waits on the server, not here.
 */
export function followLines(options: LiveLinesOptions): Promise<void> {
  const { service, runId, filter, after, news, say, print, onReset } = options;
  return new Promise((resolve, reject) => {
    const waiting: Stretch[] = [];
    let waitingChars = 0;
    let isPrinting = false;
    let hasLeft = false;
    let isOver = false;
    let failure: ApiError | StreamError | undefined;

    const settle = (error?: ApiError | StreamError) => {
      if (error) reject(error);
      else resolve();
    };
    const printWaiting = async () => {
      isPrinting = true;
      for (;;) {
        const stretch = waiting.shift();
        if (!stretch) break;
        if (waiting.length === 0) waitingChars = 0;
        if (stretch.reset) await onReset(stretch.reset);
        if (await print(stretch.logs)) continue;
        streamer.disconnect();
        settle();
        return;
      }
      isPrinting = false;
      if (isOver) settle(failure);
      else if (hasLeft) streamer.connect();
      hasLeft = false;
    };
    const end = (error?: ApiError | StreamError) => {
      isOver = true;
      failure = error;
      if (!isPrinting) settle(failure);
    };

    const streamer = service.streamJobRunLogs(runId, {
      transport: 'sse',
      after,
      filter,
      onBatch: (logs) => {
        const stretch = waiting.at(-1);
        if (stretch) stretch.logs.push(...logs);
        else waiting.push({ logs: [...logs] });
        for (const line of logs) waitingChars += charsOf(line);
        if (waitingChars > WAITING_CHARS_MAX) {
          hasLeft = true;
          streamer.disconnect();
        }
        if (!isPrinting) printWaiting().catch(reject);
      },
      onConnect: () => news.back(),
      onError: (error) => {
        if (error instanceof ApiError ? error.temporary : error.kind === 'connection' || error.kind === 'silent') {
          news.lost(error);
        } else if (!(error instanceof ApiError)) {
          say(error.message);
        }
      },
      onReset: (reset) => {
        waiting.push({ reset, logs: [] });
        if (!isPrinting) printWaiting().catch(reject);
      },
      onStateChange: (state) => {
        if (state.kind === 'ended') end();
        else if (state.kind === 'failed') end(state.error);
      },
    });
  });
}

function charsOf({ message, task_name: name = '', attributes }: LogMessage): number {
  return message.length + name.length + FIELDS_CHARS + (attributes ? JSON.stringify(attributes).length : 0);
}
