import type { LogMessage } from '@/lib/protocol/log-message';
import { type LineNote, lineNotes } from './line-notes';

/**
 * What was cut, dropped or replaced at a line. The words are drawn by the style sheet: they are no part of the line's text, so that they
 * are neither copied nor found.
 */
export function LineChips({ line, place }: { line: LogMessage; place: LineNote['place'] }) {
  return lineNotes(line)
    .filter((note) => note.place === place)
    .map(({ text, title }) => (
      <span key={text} role="img" aria-label={title} title={title} data-text={text} className="log-chip" />
    ));
}
