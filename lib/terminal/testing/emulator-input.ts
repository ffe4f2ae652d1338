import { safeHref } from '@/lib/terminal/safe-href';

/** Where our row differs from a terminal's on purpose: the reason, and the sequences that the emulator is not given. */
const LEFT_OUT: [reason: string, sequences: RegExp][] = [
  [
    'a log is read line by line: moves to other rows do nothing',
    /^(?:\x1b\[[\d;]*[ABEFek]|\x1b[DEM]|[\x0b\x0c\x84\x85\x8d])$/,
  ],
  ['rows are not shifted, and a line has no margins', /^\x1b\[[\d;]*(?:[LMSTr]| [@A]|'[}~])$/],
  ['modes and resets are those of a screen (alternate screen, insert mode)', /^(?:\x1b\[[?>!]?[\d;]*[hlp]|\x1bc)$/],
  ['other character sets are not decoded: no line drawing', /^(?:\x1b[()*+][^\x1b]|[\x0e\x0f])$/],
  ['tab stops are every eight columns', /^(?:\x1b\[\d*g|\x1bH|\x88)$/],
  ['what is repeated would be text that the line does not hold', /^\x1b\[\d*b$/],
  ['8-bit strings but OSC would hide what follows in text that was decoded twice', /^[\x90\x98\x9d\x9e\x9f]$/],
  ['the alignment pattern fills a screen', /^\x1b#8$/],
];

/** A sequence or a control character. */
const TOKEN =
  /\x1b[\]PX^_][^\x07\n\x18\x1a\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|(?:\x1b\[|\x9b)[ -?]*[@-~]?|\x1b[ -/]+[0-~]?|\x1b[0-~]?|[\x00-\x1a\x1c-\x1f\x7f-\x9f]/g;
const LINK = /^\x1b\]8;[^;]*;(.*?)(?:\x07|\x1b\\|\x9c)$/;
const COLOR_WITHOUT_SPACE = /([34]8:2):(\d*:\d*:\d*)(?=[;m])/g;
const SAVE = /^\x1b(?:7|\[s)$/;
const RESTORE = /^\x1b(?:8|\[u)$/;
const PLACE = /^\x1b\[[\d;]*[Hfd]$/;

/** The line for the emulator: without what our row leaves out on purpose, and in the form that xterm.js reads. */
export function emulatorInput(line: string): string {
  const lastRestore = Math.max(line.lastIndexOf('\x1b8'), line.lastIndexOf('\x1b[u'));
  let isSaved = false;
  return line.replace(TOKEN, (token, at: number) => {
    const sequence = token.replace('\x9b', '\x1b[');
    const link = LINK.exec(token);
    // A refused address is no link. The end of a link may name the link's id, which xterm.js does not take.
    if (link) return safeHref(link[1] ?? '') === undefined ? '\x1b]8;;\x07' : token;
    // Buildkite ends its APC with BEL, xterm.js with ST alone.
    if (/^\x1b[PX^_].*\x07$/.test(token)) return `${token.slice(0, -1)}\x1b\\`;
    // A control character breaks a sequence off; xterm.js carries it out and goes on with the sequence.
    if (/^\x1b(?:\[[ -?]*)?$/.test(sequence)) return '';
    // The cursor comes back only to where this line saved it.
    if (SAVE.test(sequence)) isSaved = true;
    if (RESTORE.test(sequence)) return isSaved ? token : '';
    // A status bar in another row, from where the cursor comes back, is no part of the line; other text is.
    if (PLACE.test(sequence)) return isSaved && at < lastRestore ? token : '';
    // xterm.js takes the first of three components for a colour space; xterm, kitty and VTE take them as ours.
    if (sequence.endsWith('m')) return token.replace(COLOR_WITHOUT_SPACE, '$1::$2');
    return LEFT_OUT.some(([, sequences]) => sequences.test(sequence)) ? '' : token;
  });
}
