import { ApiError, type StreamError } from '@/lib/client/client-errors';
import type { LogStreamingService } from '@/lib/client/log-streaming-service';
import type { FilterParameters } from '@/lib/protocol/filter';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { ConnectionNews } from './connection-news';
import { describeReset } from './reset-words';

/** Characters that wait to be printed before the stream is left until they are. */
const WAITING_CHARS_MAX = 4 * 1024 * 1024;

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
}

/**
 * Prints a run's lines as they come and resolves when the run has ended, or nobody takes them any more. Rejects with what
 * ended the stream otherwise. Where printing falls behind, the stream is left and taken again at its cursor: what a
 * pager does not take waits on the server, not here.
 */
export function followLines(options: LiveLinesOptions): Promise<void> {
  const { service, runId, filter, after, news, say, print } = options;
  return new Promise((resolve, reject) => {
    let waiting: LogMessage[] = [];
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
      while (waiting.length > 0) {
        const logs = waiting;
        waiting = [];
        waitingChars = 0;
        if (await print(logs)) continue;
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
        waiting.push(...logs);
        for (const { message } of logs) waitingChars += message.length;
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
      onReset: (event) => say(describeReset(event)),
      onStateChange: (state) => {
        if (state.kind === 'ended') end();
        else if (state.kind === 'failed') end(state.error);
      },
    });
  });
}
