/** A colour as the program named it: of the palette (0–15 are the theme's, 16–255 fixed) or as sRGB bytes. */
export type Color =
  | { readonly kind: 'index'; readonly n: number }
  | { readonly kind: 'rgb'; readonly r: number; readonly g: number; readonly b: number };

/** What SGR sets; an absent field is the default. */
export interface Style {
  readonly fg?: Color;
  readonly bg?: Color;
  readonly bold?: true;
  readonly dim?: true;
  readonly italic?: true;
  readonly underline?: true;
  readonly inverse?: true;
  readonly strike?: true;
}

export const PLAIN_STYLE: Style = {};

function isSameColor(a: Color | undefined, b: Color | undefined): boolean {
  if (a === b) return true;
  if (a?.kind === 'index' && b?.kind === 'index') return a.n === b.n;
  return a?.kind === 'rgb' && b?.kind === 'rgb' && a.r === b.r && a.g === b.g && a.b === b.b;
}

export function isSameStyle(a: Style, b: Style): boolean {
  return (
    a === b ||
    (a.bold === b.bold &&
      a.dim === b.dim &&
      a.italic === b.italic &&
      a.underline === b.underline &&
      a.inverse === b.inverse &&
      a.strike === b.strike &&
      isSameColor(a.fg, b.fg) &&
      isSameColor(a.bg, b.bg))
  );
}
