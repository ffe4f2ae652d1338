import type { LogMessage } from '@/lib/protocol/log-message';
import { renderLine } from '@/lib/terminal/render-line';

/** How lines are copied: their text alone, each with its time before it, or as a Markdown block with a link. */
export type CopyStyle = 'text' | 'times' | 'markdown';

/** What a Markdown block says of its lines. */
export interface CopySource {
  jobName: string;
  /** The lines' absolute address. */
  url: string;
}

/**
 * The text of lines as a reader copies it: no numbers, no colours, and of control characters only tabs and line feeds;
 * redrawn lines as a terminal would have left them. Parts of a line that was split are one line again. No line feed at
 * the end.
 */
export function copiedText(lines: readonly LogMessage[], style: 'text' | 'times' = 'text'): string {
  return wholeLines(lines)
    .map(({ timestamp, message }) => (style === 'times' ? `${timestamp} ${cleanText(message)}` : cleanText(message)))
    .join('\n');
}

/** The lines as a fenced Markdown block below a line that links to them. */
export function markdownText(lines: readonly LogMessage[], { jobName, url }: CopySource): string {
  const text = copiedText(lines);
  const longest = (text.match(/`+/g) ?? []).reduce((most, run) => Math.max(most, run.length), 0);
  const fence = '`'.repeat(Math.max(3, longest + 1));
  const first = lines[0]?.id;
  const last = lines.at(-1)?.id;
  const where = first === last ? `line ${first}` : `lines ${first}–${last}`;
  return `[${escapeMarkdown(jobName)} · ${where}](${escapeUrl(url)})\n\n${fence}\n${text}\n${fence}\n`;
}

/** One message as text, as a terminal would have left it. */
function cleanText(message: string): string {
  return renderLine(message)
    .spans.map((span) => span.text)
    .join('');
}

/** Lines with their parts joined: what `continues` goes on in the next line of the same stream, if that is the next one. */
function wholeLines(lines: readonly LogMessage[]): Array<{ timestamp: string; message: string }> {
  const whole: Array<{ timestamp: string; message: string }> = [];
  let before: LogMessage | undefined;
  for (const line of lines) {
    const open = whole.at(-1);
    if (open && before?.continues && before.id + 1 === line.id && isSameChannel(before, line)) {
      open.message += line.message;
    } else {
      whole.push({ timestamp: line.timestamp, message: line.message });
    }
    before = line;
  }
  return whole;
}

function isSameChannel(a: LogMessage, b: LogMessage): boolean {
  return a.stream === b.stream && a.task_run_id === b.task_run_id;
}

function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]()<>#+!|~&$]/g, '\\$&');
}

function escapeUrl(url: string): string {
  return url.replace(/[()\s<>]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}
