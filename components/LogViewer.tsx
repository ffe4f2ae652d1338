export { LogViewer, LogViewer as default, type LogViewerProps } from './log-viewer/log-viewer';
