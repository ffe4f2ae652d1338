import type { ResetEvent } from '@/lib/protocol/stream-events';

/** What became of the lines that a reader would have read next, and where it goes on. */
export function describeReset({ reason, first = 1 }: ResetEvent): string {
  if (reason === 'truncated' || reason === 'expired') {
    return `retention removed the lines up to ${first - 1} before they were read; going on with line ${first}`;
  }
  return `the log that was read is gone, and another one in its place; it begins here, with line ${first}`;
}
