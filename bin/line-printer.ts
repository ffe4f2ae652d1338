import { channelOf } from '@/lib/protocol/channel-of';
import type { LogMessage } from '@/lib/protocol/log-message';
import { formatSgr } from '@/lib/terminal/format-sgr';
import { type RenderState, renderLine } from '@/lib/terminal/render-line';
import { stripAnsi } from '@/lib/terminal/strip-ansi';
import { plainText } from './plain-text';

/** What is printed of a line. */
export interface LineFormat {
  timestamps: boolean;
  numbers: boolean;
  json: boolean;
}

export interface PrinterOptions extends LineFormat {
  /** The text reaches a terminal, which would obey what is in it. */
  isTerminal: boolean;
  color: boolean;
  /** A filter that decides line by line may have left out what a line goes on with. */
  hasGaps: boolean;
}

const RESET = '\x1b[0m';

/**
 * Makes the text of lines, in their order. Elsewhere than on a terminal a message is its bytes. A terminal gets its text and
 * colours, as the viewer shows them: a log can hold sequences that set the title, answer as if typed, or hide text.
 *
 * A line that `continues` is joined with the next one of its stream, and ends where another comes between. Where something
 * is put before each line, parts stay lines of their own.
 */
export class LinePrinter {
  readonly #options: PrinterOptions;
  /** What each stream of each task left on, as on a terminal of its own. */
  readonly #states = new Map<string, RenderState>();
  #open: LogMessage | undefined;

  constructor(options: PrinterOptions) {
    this.#options = options;
  }

  print(line: LogMessage): string {
    const { json, timestamps, numbers } = this.#options;
    if (json) return `${jsonOf(line)}\n`;
    const text = this.#textOf(line);
    if (timestamps || numbers) {
      // As `cat -n` sets them.
      const number = numbers ? `${String(line.id).padStart(6)}\t` : '';
      return `${number}${timestamps ? `${this.#timeOf(line)} ` : ''}${text}\n`;
    }
    const before = this.#open !== undefined && !this.#isJoined(this.#open, line) ? '\n' : '';
    this.#open = line.continues ? line : undefined;
    return `${before}${text}${line.continues ? '' : '\n'}`;
  }

  /** What is behind the last line is missing: an open one ends here, and what it left on holds no longer. */
  breakOff(): string {
    const isOpen = this.#open !== undefined;
    this.#open = undefined;
    this.#states.clear();
    return isOpen ? '\n' : '';
  }

  #isJoined(open: LogMessage, line: LogMessage): boolean {
    if (channelOf(open) !== channelOf(line)) return false;
    return !this.#options.hasGaps || line.id === open.id + 1;
  }

  #timeOf({ timestamp }: LogMessage): string {
    return this.#options.isTerminal ? plainText(timestamp) : timestamp;
  }

  #textOf(line: LogMessage): string {
    const { message } = line;
    const { isTerminal, color } = this.#options;
    if (!isTerminal) return color ? message : stripAnsi(message);
    const channel = channelOf(line);
    const { spans, state } = renderLine(message, this.#states.get(channel));
    this.#states.set(channel, state);
    return spans.map(({ text, style }) => (color ? styled(text, formatSgr(style)) : text)).join('');
  }
}

function styled(text: string, sgr: string): string {
  return sgr === '' ? text : `${sgr}${text}${RESET}`;
}

/** JSON leaves the controls above ASCII as they are, of which some introduce sequences on a terminal. */
function jsonOf(line: LogMessage): string {
  return JSON.stringify(line).replace(
    /[\x7f-\x9f]/g,
    (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
