import type { ResetEvent } from '@/lib/protocol/stream-events';

/** True where the numbers of lines mean other lines than before. */
export function isOtherLog({ reason }: ResetEvent): boolean {
  return reason === 'epoch' || reason === 'ahead';
}

/** What became of the lines that a reader would have read next, and where it goes on: nowhere where its `last` line is gone too. */
export function describeReset(event: ResetEvent, last = Number.POSITIVE_INFINITY): string {
  const { first = 1 } = event;
  if (isOtherLog(event)) {
    return `the log that was read is gone, and another one in its place; it begins here, with line ${first}`;
  }
  const removed = `retention removed the lines up to ${first - 1} before they were read`;
  return first > last ? removed : `${removed}; going on with line ${first}`;
}
