/** The client's public names in one place, as programs and components import them. */
export { ApiError, StreamError } from './client-errors';
export { type HistoryQuery, LogStreamingService } from './log-streaming-service';
export type {
  ConnectionOptions,
  DisconnectReason,
  StreamHandlers,
  StreamOptions,
  TransportName,
} from './stream-options';
export type { StreamPosition, StreamState, StreamStateKind } from './stream-state';
export { LogStreamer, LogStreamer as default, type LogStreamerOptions } from './streamer';
