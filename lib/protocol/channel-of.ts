/** Names a task's stream: its next line ends what it left unfinished. */
export function channelOf({ task_run_id, stream }: { task_run_id?: string | undefined; stream: string }): string {
  return `${task_run_id ?? ''} ${stream}`;
}
