import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/** WCAG 2.1, 1.4.3: of text of this size. */
const CONTRAST_MIN = 4.5;

type Rgb = readonly [number, number, number];

const css = readFileSync('components/log-viewer/log-viewer.css', 'utf8');
const tokens = readFileSync('components/ui/theme.css', 'utf8');

/** A token's colours in the light and the dark theme. */
function colorsOf(source: string, name: string): readonly [Rgb, Rgb] {
  const [, light = '', dark = ''] =
    new RegExp(`${name}: light-dark\\(#([0-9a-f]{6}), #([0-9a-f]{6})\\)`).exec(source) ?? [];
  assert.ok(light && dark, name);
  const part = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  const toRgb = (hex: string): Rgb => [part(hex, 0), part(hex, 2), part(hex, 4)];
  return [toRgb(light), toRgb(dark)];
}

const toLinear = (value: number) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

/** Of linear values. WCAG 2.1. */
function luminance([r, g, b]: Rgb): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** A linear colour with another lightness in OKLab (https://bottosson.github.io/posts/oklab), clipped to sRGB as browsers show it. */
function withLightness([r, g, b]: Rgb, lightness: (l: number) => number): Rgb {
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const L = lightness(0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s);
  const A = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const B = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  const l3 = (L + 0.3963377774 * A + 0.2158037573 * B) ** 3;
  const m3 = (L - 0.1055613458 * A - 0.0638541728 * B) ** 3;
  const s3 = (L - 0.0894841775 * A - 1.291485548 * B) ** 3;
  const clip = (value: number) => Math.min(1, Math.max(0, value));
  return [
    clip(4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3),
    clip(-1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3),
    clip(-0.0041960863 * l3 - 0.7034186147 * m3 + 1.707614701 * s3),
  ];
}

/** The cube and the greys of 256 colours, linear. */
function palette(): Rgb[] {
  const steps = [0, 95, 135, 175, 215, 255].map((value) => toLinear(value / 255));
  const cube = steps.flatMap((r) => steps.flatMap((g) => steps.map((b): Rgb => [r, g, b])));
  const greys = Array.from({ length: 24 }, (_, step) => toLinear((8 + 10 * step) / 255));
  return [...cube, ...greys.map((grey): Rgb => [grey, grey, grey])];
}

test('the colours that programs choose can be read on the grounds of all rows, in both themes', () => {
  const [, most = '', least = ''] =
    /min\(l, ([\d.]+)\) c h\), oklch\(from var\(--c\) max\(l, ([\d.]+)\)/.exec(css) ?? [];
  const held = [(l: number) => Math.min(l, Number(most)), (l: number) => Math.max(l, Number(least))];
  const grounds = ['--log-ground', '--log-error', '--log-warn', '--log-hit', '--log-selected'].map((name) =>
    colorsOf(css, name),
  );
  grounds.push(colorsOf(tokens, '--hover'));
  for (const theme of [0, 1] as const) {
    const hold = held[theme] ?? ((l: number) => l);
    for (const ground of grounds) {
      const linear: Rgb = [toLinear(ground[theme][0]), toLinear(ground[theme][1]), toLinear(ground[theme][2])];
      for (const color of palette()) {
        const shown = contrast(withLightness(color, hold), linear);
        assert.ok(shown >= CONTRAST_MIN, `${shown.toFixed(2)} of ${color} on ${ground[theme]} in theme ${theme}`);
      }
    }
  }
});
