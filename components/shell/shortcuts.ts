/** Headings of the list of shortcuts, in their order. */
export const SHORTCUT_GROUPS = ['Everywhere', 'Finding', 'Moving', 'View', 'Lines', 'Runs'] as const;
type ShortcutGroup = (typeof SHORTCUT_GROUPS)[number];

export interface Shortcut {
  id: string;
  group: ShortcutGroup;
  title: string;
  /**
   * Chords that do it, any of them: a key as the keyboard names it, letters in lower case, with `Mod+` (Cmd on Apple's
   * systems, else Ctrl) and `Shift+` before it. Signs are what is typed, whatever keys that takes.
   */
  chords: readonly string[];
  /** Told beside the title. */
  note?: string;
}

/** Every shortcut there is. What the list of shortcuts, tooltips and the palette say comes from here. */
export const SHORTCUTS = [
  { id: 'palette', group: 'Everywhere', title: 'Search or jump to anything', chords: ['Mod+k'] },
  { id: 'shortcuts', group: 'Everywhere', title: 'Keyboard shortcuts', chords: ['?'] },
  { id: 'close', group: 'Everywhere', title: 'Close or clear', chords: ['Esc'] },
  {
    id: 'search',
    group: 'Finding',
    title: 'Search the log',
    chords: ['/', 'Mod+f'],
    note: 'again: the browser’s own',
  },
  { id: 'next-match', group: 'Finding', title: 'Next match', chords: ['n'] },
  { id: 'previous-match', group: 'Finding', title: 'Previous match', chords: ['Shift+n'] },
  { id: 'next-error', group: 'Finding', title: 'Next error', chords: ['e'] },
  { id: 'previous-error', group: 'Finding', title: 'Previous error', chords: ['Shift+e'] },
  { id: 'next-warning', group: 'Finding', title: 'Next warning', chords: ['x'] },
  { id: 'previous-warning', group: 'Finding', title: 'Previous warning', chords: ['Shift+x'] },
  { id: 'show-in-context', group: 'Finding', title: 'Show the match in context', chords: ['o'] },
  { id: 'goto', group: 'Moving', title: 'Jump to a line or time', chords: ['Mod+g', ':'] },
  { id: 'first-line', group: 'Moving', title: 'First line', chords: ['g', 'Home'] },
  { id: 'last-line', group: 'Moving', title: 'Last line', chords: ['Shift+g', 'End'] },
  { id: 'next-line', group: 'Moving', title: 'Next line', chords: ['j'] },
  { id: 'previous-line', group: 'Moving', title: 'Previous line', chords: ['k'] },
  { id: 'follow', group: 'View', title: 'Follow new lines', chords: ['f'] },
  { id: 'wrap', group: 'View', title: 'Wrap long lines', chords: ['w'] },
  { id: 'time', group: 'View', title: 'Time column', chords: ['t'] },
  { id: 'select-more', group: 'Lines', title: 'Select one line more', chords: ['Shift+j'] },
  { id: 'select-less', group: 'Lines', title: 'Select one line less', chords: ['Shift+k'] },
  { id: 'copy-link', group: 'Lines', title: 'Copy a link to the selected lines', chords: ['c'] },
  { id: 'copy-lines', group: 'Lines', title: 'Copy the selected lines', chords: ['y'] },
  { id: 'select-all', group: 'Lines', title: 'Select the whole log', chords: ['Mod+a'], note: 'in the log' },
  { id: 'previous-run', group: 'Runs', title: 'Previous run of the job', chords: ['['] },
  { id: 'next-run', group: 'Runs', title: 'Next run of the job', chords: [']'] },
] as const satisfies readonly Shortcut[];

export type ShortcutId = (typeof SHORTCUTS)[number]['id'];

const BY_ID = new Map<string, Shortcut>(SHORTCUTS.map((shortcut) => [shortcut.id, shortcut]));
const BY_CHORD = new Map<string, ShortcutId>(
  SHORTCUTS.flatMap(({ id, chords }) => chords.map((chord): [string, ShortcutId] => [chord, id])),
);

/** The first chord of a shortcut, for a tooltip or a menu. */
export function chordOf(id: ShortcutId): string {
  return BY_ID.get(id)?.chords[0] ?? '';
}

/** What is read of a keyboard event. */
export interface KeyPress {
  key: string;
  code?: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  getModifierState?: (key: 'AltGraph') => boolean;
}

/** The shortcut that was pressed, wherever the focus is; see `isTyping` for keys that are text. */
export function shortcutOf(press: KeyPress): ShortcutId | undefined {
  const chord = chordPressed(press);
  return chord === undefined ? undefined : BY_CHORD.get(chord);
}

function chordPressed(press: KeyPress): string | undefined {
  const key = namedKey(press);
  const isSign = key.length === 1 && !/[a-z\s]/.test(key);
  // Signs are typed with whatever keys the layout wants: AltGr+8 is [ in German, Option+5 on a Mac.
  const isAltGr = press.getModifierState?.('AltGraph') === true;
  if (isSign && isAltGr) return key;
  if (press.altKey && !(isSign && !press.ctrlKey)) return undefined;
  const mod = press.ctrlKey || press.metaKey ? 'Mod+' : '';
  const shift = press.shiftKey && !isSign ? 'Shift+' : '';
  return `${mod}${shift}${key}`;
}

/** The key's name in a chord; on keyboards without Latin letters, the letter that is at its place. */
function namedKey({ key, code = '' }: KeyPress): string {
  if (key === 'Escape') return 'Esc';
  if (key.length !== 1) return key;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  return (key > '~' && letter !== undefined ? letter : key).toLowerCase();
}
