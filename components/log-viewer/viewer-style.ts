import type { CSSProperties } from 'react';

/** Room for numbers while a run is short, so that its columns do not move. */
const DIGITS_MIN = 3;

/** The viewer's height, and for its stylesheet how many characters its columns take. */
export function viewerStyle({
  height,
  newest,
  timeChars,
  labelChars,
}: {
  height: number | string;
  /** The run's newest line. */
  newest: number;
  timeChars: number;
  labelChars: number;
}): CSSProperties {
  const own: CSSProperties & { '--digits': number; '--time': number; '--label': number } = {
    height,
    '--digits': Math.max(DIGITS_MIN, String(Math.max(newest, 1)).length),
    '--time': timeChars,
    '--label': labelChars,
  };
  return own;
}
