import { LogStreamingService, type StreamStateKind, type TransportName } from '@/lib/client/log-streamer';
import { RUN } from './fixtures';

/** What a page of the browser test does, as a program of its own would. */
const page = {
  ids: [] as number[],
  states: [] as StreamStateKind[],
  leave: (): void => undefined,
  follow(transport: TransportName): void {
    page.ids = [];
    page.states = [];
    const streamer = new LogStreamingService().streamJobRunLogs(RUN, {
      transport,
      onMessage: ({ id }) => page.ids.push(id),
      onStateChange: ({ kind }) => page.states.push(kind),
    });
    page.leave = () => streamer.disconnect();
  },
};

Object.assign(globalThis, { page });
