export { LogViewer, LogViewer as default } from './log-viewer/log-viewer';
export type { LogViewerProps } from './log-viewer/log-viewer-props';
