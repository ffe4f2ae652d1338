import { CellRow } from './cell-row';
import { ESCAPE_SEQUENCE } from './escape-sequence';
import { safeHref } from './safe-href';
import { applySgr } from './sgr';
import { type Pen, type Span, SpanList } from './span-list';
import { PLAIN_STYLE, type Style } from './style';

/** What a terminal carries from line to line: the style and the link that were left on. Immutable. */
export type RenderState = Pen;

export const INITIAL_STATE: RenderState = { style: PLAIN_STYLE };

export interface RenderedLine {
  spans: Span[];
  /** For the line that follows. */
  state: RenderState;
}

const CONTROL = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;
const TOKENS = new RegExp(`${ESCAPE_SEQUENCE}|[\\x00-\\x1f\\x7f-\\x9f]`, 'g');
/** What can put the cursor before the end of its row, where alone erasing and overwriting change anything. */
const REDRAW = /[\x08]|\r(?![\r\n]|$)|(?:\x1b\[|\x9b)[\d;]*(?:[CDGIXZ`asu]|[12][JK])|\x1b[78]/;
const CSI = /^(?:\x1b\[|\x9b)([\d:;]*)([@-~])$/;
const OSC_LINK = /^(?:\x1b\]|\x9d)8;[^;]*;(.*?)(?:\x07|\x1b\\|\x9c)$/;

/**
 * The line as a terminal would leave it, as styled spans. Carriage return, backspace, cursor moves within the line and
 * erasing are carried out; moves to other lines are ignored, so that what was printed after them stays readable. Tabs
 * and line feeds stay in the text (in a redrawn line tabs become columns), no other control character does. Never
 * throws; time is linear in the text.
 */
export function renderLine(text: string, state: RenderState = INITIAL_STATE): RenderedLine {
  const list = new SpanList();
  if (text === '') return { spans: list.spans, state };
  if (!CONTROL.test(text)) {
    list.append(text, state, 0);
    return { spans: list.spans, state };
  }
  const row = REDRAW.test(text) ? new CellRow() : undefined;
  const lastRestore = row ? Math.max(text.lastIndexOf('\x1b8'), text.lastIndexOf('\x1b[u')) : -1;
  let pen = state;
  let at = 0;
  let start = 0;

  TOKENS.lastIndex = 0;
  for (let match = TOKENS.exec(text); match !== null; match = TOKENS.exec(text)) {
    const token = match[0];
    if (match.index > at) {
      const run = text.slice(at, match.index);
      if (row) row.print(run, pen, start);
      else list.append(run, pen, start);
      start += run.length;
    }
    at = match.index + token.length;
    if (isSequence(token)) {
      pen = applySequence(token, pen, row, at <= lastRestore);
    } else {
      if (token === '\n') row?.flush(list);
      if (token === '\n' || (token === '\t' && !row)) list.append(token, pen, start);
      else if (row) moveByControl(row, token);
      start++;
    }
  }
  if (at < text.length) {
    if (row) row.print(text.slice(at), pen, start);
    else list.append(text.slice(at), pen, start);
  }
  row?.flush(list);
  return { spans: list.spans, state: pen };
}

function isSequence(token: string): boolean {
  const code = token.charCodeAt(0);
  return code === 0x1b || code === 0x9b || (code === 0x9d && token.length > 1);
}

function moveByControl(row: CellRow, control: string): void {
  if (control === '\r') row.carriageReturn();
  else if (control === '\b') row.moveBy(-1);
  else if (control === '\t') row.moveByTabs(1);
}

function applySequence(sequence: string, pen: Pen, row: CellRow | undefined, isRestoreAhead: boolean): Pen {
  const csi = CSI.exec(sequence);
  if (csi) {
    const params = csi[1] ?? '';
    const command = csi[2] ?? '';
    if (command === 'm') return makePen(applySgr(pen.style, params), pen.href);
    return row ? applyToRow(row, command, params, pen, isRestoreAhead) : pen;
  }
  if (row && sequence === '\x1b7') return applyToRow(row, 's', '', pen, isRestoreAhead);
  if (row && sequence === '\x1b8') return applyToRow(row, 'u', '', pen, isRestoreAhead);
  const link = OSC_LINK.exec(sequence);
  return link ? makePen(pen.style, safeHref(link[1] ?? '')) : pen;
}

function makePen(style: Style, href: string | undefined): Pen {
  return href === undefined ? { style } : { style, href };
}

/** Carries out one CSI command; returns the pen after it. */
function applyToRow(row: CellRow, command: string, params: string, pen: Pen, isRestoreAhead: boolean): Pen {
  const n = Number.parseInt(params, 10) || 0;
  switch (command) {
    case '@':
      row.insertCells(Math.max(n, 1));
      break;
    case 'C':
    case 'a':
      row.moveBy(Math.max(n, 1));
      break;
    case 'D':
      row.moveBy(-Math.max(n, 1));
      break;
    case 'G':
    case '`':
      row.moveTo(Math.max(n, 1) - 1);
      break;
    case 'H':
    case 'd':
    case 'f':
      if (isRestoreAhead) row.leave();
      break;
    case 'I':
      row.moveByTabs(Math.max(n, 1));
      break;
    case 'J':
    case 'K':
      if (n === 0) row.eraseRight();
      else if (n === 1) row.eraseLeft();
      else if (n === 2) row.eraseAll();
      break;
    case 'P':
      row.deleteCells(Math.max(n, 1));
      break;
    case 'X':
      row.eraseCells(Math.max(n, 1));
      break;
    case 'Z':
      row.moveByTabs(-Math.max(n, 1));
      break;
    case 's':
      row.saveCursor(pen);
      break;
    case 'u':
      return row.restoreCursor(pen);
  }
  return pen;
}
