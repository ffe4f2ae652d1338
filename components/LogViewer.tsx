import { LogViewer as ViewerOfRun } from './log-viewer/log-viewer';
import type { LogViewerProps } from './log-viewer/log-viewer-props';

export type { LogViewerProps } from './log-viewer/log-viewer-props';

/** The viewer of a run; of another run it is another one, which keeps nothing of the first. */
export function LogViewer(props: LogViewerProps) {
  return <ViewerOfRun key={`${props.baseUrl ?? ''} ${props.jobRunId}`} {...props} />;
}

export default LogViewer;
