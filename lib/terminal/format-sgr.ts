import type { Color, Style } from './style';

/** The `CSI … m` that sets this style on a terminal that shows none; empty for the plain one. */
export function formatSgr(style: Style): string {
  const codes: (number | string)[] = [];
  if (style.bold) codes.push(1);
  if (style.dim) codes.push(2);
  if (style.italic) codes.push(3);
  if (style.underline) codes.push(4);
  if (style.inverse) codes.push(7);
  if (style.strike) codes.push(9);
  if (style.fg) codes.push(formatColor(style.fg, 30));
  if (style.bg) codes.push(formatColor(style.bg, 40));
  return codes.length === 0 ? '' : `\x1b[${codes.join(';')}m`;
}

/** `base` is 30 for the text's colour, 40 for the ground's. The first 16 have codes that every terminal knows. */
function formatColor(color: Color, base: number): number | string {
  if (color.kind === 'rgb') return `${base + 8};2;${color.r};${color.g};${color.b}`;
  if (color.n < 8) return base + color.n;
  return color.n < 16 ? base + 52 + color.n : `${base + 8};5;${color.n}`;
}
