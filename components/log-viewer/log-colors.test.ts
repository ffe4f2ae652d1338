import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { contrast, READABLE_RATIO, type Rgb, rgbOf } from './text-style';

const css = readFileSync('components/log-viewer/log-viewer.css', 'utf8');
const tokens = readFileSync('components/ui/theme.css', 'utf8');

/** A token's colours in the light and the dark theme. */
function colorsOf(source: string, name: string): readonly [Rgb, Rgb] {
  const [, light = '', dark = ''] =
    new RegExp(`${name}: light-dark\\(#([0-9a-f]{6}), #([0-9a-f]{6})\\)`).exec(source) ?? [];
  assert.ok(light && dark, name);
  const part = (hex: string, at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  const toRgb = (hex: string): Rgb => [part(hex, 0), part(hex, 2), part(hex, 4)];
  return [toRgb(light), toRgb(dark)];
}

const toLinear = (byte: number) => (byte <= 0.04045 * 255 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
const toByte = (value: number) => 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055);

/** A colour with another lightness in OKLab (https://bottosson.github.io/posts/oklab), clipped to sRGB as browsers show it. */
function withLightness(color: Rgb, lightness: (l: number) => number): Rgb {
  const [r, g, b] = [toLinear(color[0]), toLinear(color[1]), toLinear(color[2])];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  const L = lightness(0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s);
  const A = 1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s;
  const B = 0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s;
  const l3 = (L + 0.3963377774 * A + 0.2158037573 * B) ** 3;
  const m3 = (L - 0.1055613458 * A - 0.0638541728 * B) ** 3;
  const s3 = (L - 0.0894841775 * A - 1.291485548 * B) ** 3;
  const clip = (value: number) => toByte(Math.min(1, Math.max(0, value)));
  return [
    clip(4.0767416621 * l3 - 3.3077115913 * m3 + 0.2309699292 * s3),
    clip(-1.2684380046 * l3 + 2.6097574011 * m3 - 0.3413193965 * s3),
    clip(-0.0041960863 * l3 - 0.7034186147 * m3 + 1.707614701 * s3),
  ];
}

/** The cube and the greys of 256 colours. */
const PALETTE = Array.from({ length: 240 }, (_, index) => rgbOf({ kind: 'index', n: 16 + index }));

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
      for (const color of PALETTE) {
        const shown = contrast(withLightness(color, hold), ground[theme]);
        assert.ok(shown >= READABLE_RATIO, `${shown.toFixed(2)} of ${color} on ${ground[theme]} in theme ${theme}`);
      }
    }
  }
});
