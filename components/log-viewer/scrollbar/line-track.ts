/** The lines of a run between its ends, and which of them are in sight. Numbers are the run's own. */
export interface Track {
  first: number;
  newest: number;
  /** The first and the last line in sight. */
  view: { first: number; last: number };
}

/** The thumb on a track, in parts of its length from 0 to 1. */
export interface Thumb {
  top: number;
  size: number;
}

/**
 * Where the thumb is: its size says how much of the run is in sight, its place where. `sizeMin` keeps it large enough to
 * be taken hold of; at the run's ends it touches the ends of the track whatever its size.
 */
export function thumbOf({ first, newest, view }: Track, sizeMin: number): Thumb {
  const total = newest - first + 1;
  if (total <= 0) return { top: 0, size: 1 };
  const shown = Math.min(total, Math.max(1, view.last - view.first + 1));
  const size = Math.min(1, Math.max(sizeMin, shown / total));
  const range = total - shown;
  const place = range === 0 ? 0 : Math.min(1, Math.max(0, (view.first - first) / range));
  return { top: place * (1 - size), size };
}

/** The first line in sight once the thumb's upper end is dragged to `top`. */
export function lineAtThumb({ first, newest, view }: Track, { top, size }: Thumb): number {
  const total = newest - first + 1;
  const shown = Math.min(total, Math.max(1, view.last - view.first + 1));
  const place = size >= 1 ? 0 : Math.min(1, Math.max(0, top / (1 - size)));
  return first + Math.round(place * Math.max(0, total - shown));
}

/** Which of a track's pixels hold any of the lines; `lines` are ascending. */
export function pixelsOf(lines: readonly number[], { first, newest }: Track, pixels: number): Uint8Array {
  const marked = new Uint8Array(Math.max(0, pixels));
  const total = newest - first + 1;
  if (total <= 0 || pixels <= 0) return marked;
  for (const line of lines) {
    const pixel = Math.floor(((line - first) / total) * pixels);
    if (pixel >= 0 && pixel < pixels) marked[pixel] = 1;
  }
  return marked;
}
