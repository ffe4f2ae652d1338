import { resolveBaseUrl } from './base-url';
import type { StreamOptions } from './stream-options';
import type { StreamState } from './stream-state';

export interface LogStreamerOptions extends StreamOptions {
  /** @defaultValue the page's own origin in browsers, http://localhost:8080 elsewhere */
  baseUrl?: string;
  /** The run to follow; without it, all runs. */
  jobRunId?: string;
}

export class LogStreamer {
  readonly baseUrl: string;
  readonly jobRunId: string | undefined;

  constructor(options: LogStreamerOptions = {}) {
    this.baseUrl = resolveBaseUrl(options.baseUrl);
    this.jobRunId = options.jobRunId;
  }

  /** What the stream is doing; a new object at each change. */
  get state(): StreamState {
    return { kind: 'idle' };
  }

  /** Connects, or tries again at once, at the cursor. Does nothing on a connected stream. */
  connect(): void {}

  /** Ends the connection; no callback follows. `connect()` goes on where the stream was. */
  disconnect(): void {}
}
