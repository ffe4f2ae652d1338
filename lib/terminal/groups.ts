import type { GroupMark } from './group-stack';
import { stripAnsi } from './strip-ansi';

/** A line that opens or closes a group of lines. */
export interface GroupMarker {
  /** A `header` opens a group that the next header ends. */
  kind: 'start' | 'end' | 'header';
  /** Without escape sequences, its first characters; empty where the marker names none. */
  title: string;
  /** GitLab's section: joins its end to its start. */
  name?: string;
  /** What the program asks for; absent where its format cannot say. */
  collapsed?: boolean;
  /** GitLab: sections that ended earlier in the same line. */
  closes?: string[];
}

/** First characters of markers, of escape sequences and of the times that runners put before both. */
const FIRST_CHARACTERS = [...'\x1b\x9b\ufeff0123456789:#s+~-'];
const FIRST_CODES = new Set(FIRST_CHARACTERS.map((character) => character.charCodeAt(0)));
/** The first bytes that markers have in UTF-8; few lines that are none have one of these. */
export const MARKER_FIRST_BYTES: ReadonlySet<number | undefined> = new Set(
  FIRST_CHARACTERS.map((character) => new TextEncoder().encode(character)[0]),
);
/** The runners of GitHub and GitLab put a time before each line. */
const TIMESTAMP = /^\ufeff?(?:\d{4}-\d\d-\d\dT[\d:.]+Z (?:\d\d[OE][ +]?)?)?/;
/**
 * What a line begins with that any of the patterns below can match, colours and times aside: most lines that have these
 * are no markers, and are not stripped to be told so. Colours are looked for a second time only behind a time, so that each
 * has one way to match: with two, a line of nothing else would take the square of its length.
 */
const MAY_BE_MARKER =
  /^(?:\x1b\[[\d;]*[A-Za-z])*(?:(?:\ufeff(?:\d{4}-\d\d-\d\dT[\d:.]+Z (?:\d\d[OE][ +]?)?)?|\d{4}-\d\d-\d\dT[\d:.]+Z (?:\d\d[OE][ +]?)?)(?:\x1b\[[\d;]*[A-Za-z])*)?(?:\x1b(?!\[[\d;]*[A-Za-z])|[\x9b\x9d]|::|##|section_|---|\+\+\+|~~~)/;
const ACTIONS_GROUP = /^(?:::|##\[)(group|endgroup)(?:::|\])(.*)/s;
/** Longer names are no runner's, and would be stored with each chunk of such lines. */
const GITLAB_SECTION = /section_(start|end):\d+:([\w.-]{1,256})(?:\[([^\]\r\n]*)\])?(?:\r|$)/y;
/** Sections that one line ends; more are no runner's, and each would be stored with its name. */
const CLOSED_MAX = 8;
const BUILDKITE_HEADER = /^(---|\+\+\+|~~~) (.*)/s;
/** Characters of a title's text. No header has room for more. */
const TITLE_MAX = 1000;
/** What follows in a line is not looked at: more than all names that are kept, a title and their colours take. */
const LOOKED_AT_MAX = 8192;
/** The same three characters in unified diffs and in the results of `go test`. */
const NO_HEADER =
  /^(?:--- a\/|\+\+\+ b\/|(?:---|\+\+\+) \/dev\/null|(?:---|\+\+\+) .*\t\d{4}-|--- (?:FAIL|PASS|SKIP): )/;

/**
 * The group marker that a line is: of GitHub Actions and Azure (`::group::`, `##[group]`), GitLab (`section_start:…`) or
 * Buildkite (`--- `, `+++ `, `~~~ `). Only escape sequences and a runner's timestamp may stand before it.
 */
export function groupMarker(line: string): GroupMarker | undefined {
  return findMarker(line, tidy);
}

/** The same marker for those who pair: its title is not made. */
export function groupMark(line: string): GroupMark | undefined {
  return findMarker(line, untitled);
}

type TitleOf = (text: string | undefined) => string;

function findMarker(line: string, titleOf: TitleOf): GroupMarker | undefined {
  if (!FIRST_CODES.has(line.charCodeAt(0))) return undefined;
  const start = line.length > LOOKED_AT_MAX ? line.slice(0, LOOKED_AT_MAX) : line;
  if (!MAY_BE_MARKER.test(start)) return undefined;
  const stripped = stripAnsi(start);
  const text = stripped.slice(TIMESTAMP.exec(stripped)?.[0].length ?? 0);
  return actionsGroup(text, titleOf) ?? gitlabSection(text, titleOf) ?? buildkiteHeader(stripped, titleOf);
}

function actionsGroup(text: string, titleOf: TitleOf): GroupMarker | undefined {
  const match = ACTIONS_GROUP.exec(text);
  if (match === null) return undefined;
  return match[1] === 'group' ? { kind: 'start', title: titleOf(match[2]) } : { kind: 'end', title: '' };
}

/** GitLab's markers end no line: the end of one section, the next one's start and its title often share one. */
function gitlabSection(text: string, titleOf: TitleOf): GroupMarker | undefined {
  const closed: string[] = [];
  let at = 0;
  for (;;) {
    GITLAB_SECTION.lastIndex = at;
    const match = GITLAB_SECTION.exec(text);
    if (match === null) break;
    at = GITLAB_SECTION.lastIndex;
    const name = match[2] ?? '';
    if (match[1] === 'end') {
      if (closed.length < CLOSED_MAX) closed.push(name);
      continue;
    }
    const options = match[3]?.split(',') ?? [];
    const start: GroupMarker = { kind: 'start', title: titleOf(text.slice(at)), name };
    start.collapsed = options.includes('collapsed=true');
    if (closed.length > 0) start.closes = closed;
    return start;
  }
  const name = closed.pop();
  if (name === undefined) return undefined;
  return closed.length > 0 ? { kind: 'end', title: '', name, closes: closed } : { kind: 'end', title: '', name };
}

function buildkiteHeader(text: string, titleOf: TitleOf): GroupMarker | undefined {
  const match = BUILDKITE_HEADER.exec(text);
  if (match === null || NO_HEADER.test(text)) return undefined;
  return { kind: 'header', title: titleOf(match[2]), collapsed: match[1] !== '+++' };
}

function tidy(title: string | undefined): string {
  return cut(title ?? '')
    .replace(/[\x00-\x1f\x7f-\x9f]+/g, ' ')
    .trim();
}

function untitled(): string {
  return '';
}

/** No surrogate pair is cut in two. */
function cut(title: string): string {
  return title.length > TITLE_MAX ? title.slice(0, TITLE_MAX).replace(/[\ud800-\udbff]$/, '') : title;
}
