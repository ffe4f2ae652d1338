import { type Color, PLAIN_STYLE, type Style } from './style';

type MutableStyle = { -readonly [Key in keyof Style]: Style[Key] };

/**
 * The style after one `CSI … m`; `params` is what stands between. Unknown codes are skipped, and so are blinking and
 * concealed text: a log hides nothing. Sources: ECMA-48 §8.3.117, ISO 8613-6 for colours, kitty for `4:0`.
 */
export function applySgr(style: Style, params: string): Style {
  if (params === '' || params === '0') return PLAIN_STYLE;
  const codes = params.split(';');
  let next: MutableStyle = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at] ?? '';
    if (code.includes(':')) {
      applySubparameters(next, code.split(':'));
      continue;
    }
    const n = code === '' ? 0 : Number(code);
    if (n === 0) {
      next = {};
    } else if (n === 38 || n === 48 || n === 58) {
      const length = codes[at + 1] === '5' ? 3 : codes[at + 1] === '2' ? 5 : 1;
      setColor(next, n, colorOf(codes.slice(at + 1, at + length)));
      at += length - 1;
    } else {
      applyCode(next, n);
    }
  }
  return Object.keys(next).length === 0 ? PLAIN_STYLE : next;
}

function applyCode(style: MutableStyle, code: number): void {
  switch (code) {
    case 1:
      style.bold = true;
      return;
    case 2:
      style.dim = true;
      return;
    case 3:
      style.italic = true;
      return;
    case 4:
    case 21:
      style.underline = true;
      return;
    case 7:
      style.inverse = true;
      return;
    case 9:
      style.strike = true;
      return;
    case 22:
      delete style.bold;
      delete style.dim;
      return;
    case 23:
      delete style.italic;
      return;
    case 24:
      delete style.underline;
      return;
    case 27:
      delete style.inverse;
      return;
    case 29:
      delete style.strike;
      return;
    case 39:
      delete style.fg;
      return;
    case 49:
      delete style.bg;
      return;
  }
  if (code >= 30 && code <= 37) style.fg = { kind: 'index', n: code - 30 };
  else if (code >= 40 && code <= 47) style.bg = { kind: 'index', n: code - 40 };
  else if (code >= 90 && code <= 97) style.fg = { kind: 'index', n: code - 82 };
  else if (code >= 100 && code <= 107) style.bg = { kind: 'index', n: code - 92 };
}

function applySubparameters(style: MutableStyle, parts: string[]): void {
  const code = Number(parts[0]);
  if (code === 4) {
    if (parts[1] === '0') delete style.underline;
    else style.underline = true;
  } else if (code === 38 || code === 48 || code === 58) {
    // 38:2 has a colour space before its components when it is written in full.
    const hasSpace = parts[1] === '2' && parts.length > 5;
    setColor(style, code, colorOf(hasSpace ? ['2', ...parts.slice(3)] : parts.slice(1)));
  }
}

/** 58, the colour of an underline, is read past and not shown. */
function setColor(style: MutableStyle, code: number, color: Color | undefined): void {
  if (color === undefined) return;
  if (code === 38) style.fg = color;
  else if (code === 48) style.bg = color;
}

/** `5;n` or `2;r;g;b`; an absent component is 0, one over 255 makes no colour. */
function colorOf(parts: string[]): Color | undefined {
  const numbers = parts.slice(1).map(Number);
  if (numbers.some((value) => !(value <= 255))) return undefined;
  if (parts[0] === '5') return { kind: 'index', n: numbers[0] ?? 0 };
  if (parts[0] === '2') return { kind: 'rgb', r: numbers[0] ?? 0, g: numbers[1] ?? 0, b: numbers[2] ?? 0 };
  return undefined;
}
