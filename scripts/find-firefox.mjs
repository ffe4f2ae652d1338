import { existsSync } from 'node:fs';

const PATHS = [
  '/usr/bin/firefox-esr',
  '/usr/bin/firefox',
  '/snap/bin/firefox',
  '/Applications/Firefox.app/Contents/MacOS/firefox',
];

/** The path of the system's Firefox; undefined where there is none. */
export function findFirefox() {
  return PATHS.find((path) => existsSync(path));
}
