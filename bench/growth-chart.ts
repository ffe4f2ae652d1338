/** One quantity over sizes, on a log-log plane. */
export interface Series {
  name: string;
  /** Ascending by size. */
  points: ReadonlyArray<{ size: number; seconds: number }>;
}

const WIDTH = 780;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 310;
const TOP = 40;
const BOTTOM = 50;
const COLOURS = ['#2563eb', '#d97706', '#059669', '#dc2626', '#7c3aed', '#4b5563', '#0891b2'];

/** The exponent of the power law through the points: the slope of the least-squares line of logarithms. */
function fitExponent(points: Series['points']): number {
  const logs = points.map(({ size, seconds }) => [Math.log(size), Math.log(seconds)] as const);
  const meanX = logs.reduce((sum, [x]) => sum + x, 0) / logs.length;
  const meanY = logs.reduce((sum, [, y]) => sum + y, 0) / logs.length;
  const covariance = logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0);
  return covariance / logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
}

/** An SVG of seconds over sizes, both logarithmic, each line named with its exponent. */
export function drawGrowth(title: string, sizeTitle: string, series: readonly Series[]): string {
  const all = series.flatMap(({ points }) => points);
  const [left, right] = decades(all.map(({ size }) => size));
  const [low, high] = decades(all.map(({ seconds }) => seconds));
  const x = (size: number) => LEFT + ((Math.log10(size) - left) / (right - left)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - ((Math.log10(value) - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const parts: string[] = [];
  for (let decade = left; decade <= right; decade++) {
    const at = x(10 ** decade);
    parts.push(
      line(at, TOP, at, HEIGHT - BOTTOM, '#d1d5db'),
      text(at, HEIGHT - BOTTOM + 18, sizeLabel(decade), 'middle'),
    );
  }
  for (let decade = low; decade <= high; decade++) {
    const at = y(10 ** decade);
    parts.push(line(LEFT, at, WIDTH - RIGHT, at, '#d1d5db'), text(LEFT - 8, at + 4, timeLabel(decade), 'end'));
  }
  for (const [index, { name, points }] of series.entries()) {
    const colour = COLOURS[index % COLOURS.length] ?? '#000';
    const path = points.map(({ size, seconds }) => `${x(size).toFixed(1)},${y(seconds).toFixed(1)}`).join(' ');
    parts.push(`<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`);
    for (const { size, seconds } of points) {
      parts.push(`<circle cx="${x(size).toFixed(1)}" cy="${y(seconds).toFixed(1)}" r="3" fill="${colour}"/>`);
    }
    const key = TOP + 10 + index * 22;
    parts.push(line(WIDTH - RIGHT + 16, key - 4, WIDTH - RIGHT + 36, key - 4, colour, 2));
    parts.push(text(WIDTH - RIGHT + 42, key, `${name}: n^${formatExponent(points)}`, 'start'));
  }
  parts.push(text(LEFT, 22, title, 'start', 15), text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, sizeTitle, 'middle'));
  const body = parts.map((part) => `  ${part}`).join('\n');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif">\n` +
    `  <title>${title}: seconds, both axes logarithmic</title>\n` +
    `  <rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>\n${body}\n</svg>\n`
  );
}

/** In two digits, without a sign for nothing. */
export function formatExponent(points: Series['points']): string {
  return (Math.round(100 * fitExponent(points)) / 100 + 0).toFixed(2);
}

/** The powers of ten around the values, at least one decade. */
function decades(values: readonly number[]): [number, number] {
  const low = Math.floor(Math.log10(Math.min(...values)));
  return [low, Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))))];
}

function line(x1: number, y1: number, x2: number, y2: number, colour: string, width = 1): string {
  const at = [x1, y1, x2, y2].map((value) => value.toFixed(1));
  return `<line x1="${at[0]}" y1="${at[1]}" x2="${at[2]}" y2="${at[3]}" stroke="${colour}" stroke-width="${width}"/>`;
}

function text(x: number, y: number, words: string, anchor: 'start' | 'middle' | 'end', size = 12): string {
  const escaped = words.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" font-size="${size}" text-anchor="${anchor}" fill="#111827">${escaped}</text>`;
}

function sizeLabel(decade: number): string {
  return (10 ** decade).toLocaleString('en');
}

function timeLabel(decade: number): string {
  if (decade < -3) return `${10 ** (decade + 6)} µs`;
  return decade < 0 ? `${10 ** (decade + 3)} ms` : `${10 ** decade} s`;
}
