import { formatBytes, formatCount, formatCounted } from '@/components/format/quantity';
import type { LogMessage } from '@/lib/protocol/log-message';

/** What is known of text that is not there, or not as it was sent. */
export interface LineNote {
  /** Where it happened: before the line's text, or in or after it. */
  place: 'before' | 'after';
  text: string;
  title: string;
}

const NONE: readonly LineNote[] = [];

/** What the server or the sender cut, dropped or replaced at this line, as far as the line says so. */
export function lineNotes({ message, attributes }: LogMessage): readonly LineNote[] {
  const replaced = message.includes('\ufffd') ? message.split('\ufffd').length - 1 : 0;
  if (replaced === 0 && attributes === undefined) return NONE;
  const notes: LineNote[] = [];
  const count = (name: string) => {
    const value = attributes?.[name];
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0;
  };

  const droppedLines = count('dropped_lines');
  if (droppedLines > 0) {
    const lines = formatCounted(droppedLines, 'line');
    notes.push({
      place: 'before',
      text: `${lines} dropped`,
      title: `The sender dropped ${lines} before this one: it had no room left to keep them`,
    });
  }
  const droppedBytes = count('dropped_bytes');
  if (droppedBytes > 0) {
    notes.push({
      place: 'before',
      text: `${formatBytes(droppedBytes)} overwritten`,
      title: `The line was too long: the sender left out ${formatCounted(droppedBytes, 'byte')} that carriage returns had overwritten`,
    });
  }
  const unstored = count('unstored_bytes');
  if (unstored > 0) {
    notes.push({
      place: 'after',
      text: `${formatBytes(unstored)} not stored`,
      title: `The server refused the line that was here; as sent it had ${formatCounted(unstored, 'byte')}`,
    });
  }
  const droppedAttributes = count('dropped_attributes');
  if (droppedAttributes > 0) {
    notes.push({
      place: 'after',
      text: `${formatCounted(droppedAttributes, 'attribute')} dropped`,
      title: `The sender left out ${formatCounted(droppedAttributes, 'attribute')} that did not fit the bound of a line`,
    });
  }
  if (replaced > 0) {
    notes.push({
      place: 'after',
      text: `${formatCount(replaced)} × \ufffd`,
      title: `${formatCounted(replaced, 'character')} stand for bytes that were no valid UTF-8, unless the program wrote \ufffd itself`,
    });
  }
  return notes;
}
