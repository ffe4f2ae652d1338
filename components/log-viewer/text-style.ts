import type { CSSProperties } from 'react';
import type { Color, Style } from '@/lib/terminal/style';

/** How a span of log text looks: classes where the theme decides, inline colours where the program does. */
export interface TextLook {
  className?: string;
  style?: CSSProperties;
}

/** Red, green and blue, 0 to 255. */
export type Rgb = readonly [number, number, number];

/** The sixteen colours where they lie on, or are, a background: the same in both themes (GitHub's terminal colours). */
const FIXED: readonly Rgb[] = [
  [36, 41, 47],
  [207, 34, 46],
  [17, 99, 41],
  [154, 103, 0],
  [9, 105, 218],
  [130, 80, 223],
  [27, 124, 131],
  [208, 215, 222],
  [87, 96, 106],
  [255, 129, 130],
  [74, 194, 107],
  [238, 193, 87],
  [128, 204, 255],
  [216, 185, 255],
  [118, 227, 234],
  [255, 255, 255],
];

const BLACK: Rgb = [24, 24, 27];
const WHITE: Rgb = [255, 255, 255];
/** WCAG 2, 1.4.3: of text of this size. */
export const READABLE_RATIO = 4.5;

/** The named colours as classes, spelled out so that Tailwind finds them. */
const NAMED = [
  'text-[var(--ansi-0)]',
  'text-[var(--ansi-1)]',
  'text-[var(--ansi-2)]',
  'text-[var(--ansi-3)]',
  'text-[var(--ansi-4)]',
  'text-[var(--ansi-5)]',
  'text-[var(--ansi-6)]',
  'text-[var(--ansi-7)]',
  'text-[var(--ansi-8)]',
  'text-[var(--ansi-9)]',
  'text-[var(--ansi-10)]',
  'text-[var(--ansi-11)]',
  'text-[var(--ansi-12)]',
  'text-[var(--ansi-13)]',
  'text-[var(--ansi-14)]',
  'text-[var(--ansi-15)]',
] as const;

/**
 * The look of a span. Text without a background takes the theme's version of its colour; text on a background, or
 * inverse, keeps the program's colours, except that text which could not be read becomes black or white.
 */
export function lookOf(style: Style): TextLook {
  const classes: string[] = [];
  if (style.bold) classes.push('font-semibold');
  if (style.italic) classes.push('italic');
  const lines = [style.underline && 'underline', style.strike && 'line-through'].filter(Boolean);
  const inline: CSSProperties & { '--c'?: string } = {};
  if (lines.length > 0) inline.textDecorationLine = lines.join(' ');

  if (style.inverse && !style.fg && !style.bg) {
    classes.push('bg-fg text-fg-inverse');
  } else if (style.bg || style.inverse) {
    paintGround(style, inline);
  } else if (style.fg?.kind === 'index' && style.fg.n < 16) {
    classes.push(NAMED[style.fg.n] ?? '');
  } else if (style.fg) {
    classes.push('log-color');
    inline['--c'] = css(rgbOf(style.fg));
  } else if (style.dim) {
    classes.push('text-fg-faint');
  }
  return {
    ...(classes.length > 0 && { className: classes.join(' ') }),
    ...(Object.keys(inline).length > 0 && { style: inline }),
  };
}

function paintGround(style: Style, inline: CSSProperties): void {
  const text = style.fg && rgbOf(style.fg);
  const ground = style.bg && rgbOf(style.bg);
  const back = (style.inverse ? text : ground) ?? ground ?? text ?? BLACK;
  const front = style.inverse ? ground : text;
  inline.backgroundColor = css(back);
  inline.color = css(front && contrast(front, back) >= READABLE_RATIO ? front : readableOn(back));
}

function readableOn(back: Rgb): Rgb {
  return contrast(WHITE, back) >= contrast(BLACK, back) ? WHITE : BLACK;
}

/** xterm's 256 colours: 16 named, a 6×6×6 cube, 24 greys. */
export function rgbOf(color: Color): Rgb {
  if (color.kind === 'rgb') return [color.r, color.g, color.b];
  const { n } = color;
  if (n < 16) return FIXED[n] ?? BLACK;
  if (n >= 232) {
    const grey = 8 + (n - 232) * 10;
    return [grey, grey, grey];
  }
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = n - 16;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}

function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}

/** WCAG 2 contrast ratio, 1 to 21. */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(rgb: Rgb): number {
  const [r = 0, g = 0, b = 0] = rgb.map((byte) => {
    const value = byte / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
