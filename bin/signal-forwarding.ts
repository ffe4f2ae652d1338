import { readFileSync } from 'node:fs';
import { isatty } from 'node:tty';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
type Forwarded = (typeof FORWARDED)[number];

/** What the terminal sends to every process of its foreground group, the command too. */
const FROM_TERMINAL: ReadonlySet<Forwarded> = new Set(['SIGINT', 'SIGQUIT']);

/**
 * Hands signals on. `onSignal` gets each one, and whether the terminal has given it to the command as well: a second
 * Ctrl-C makes many programs give up at once. From now on these signals no longer end this process.
 */
export function forwardSignals(onSignal: (signal: Forwarded, reachesCommand: boolean) => void): void {
  for (const signal of FORWARDED) {
    process.on(signal, () => onSignal(signal, FROM_TERMINAL.has(signal) && isForeground()));
  }
}

/**
 * True where our process group is its terminal's foreground group: fields 5, 7 and 8 of proc(5)'s stat. Where there is no
 * /proc, whether we have a terminal.
 */
function isForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    const [, , , group, , terminal, foreground] = stat.slice(stat.lastIndexOf(')') + 1).split(' ');
    return terminal !== '0' && group === foreground;
  } catch {
    return isatty(0) || isatty(1) || isatty(2);
  }
}
