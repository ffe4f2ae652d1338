import { existsSync } from 'node:fs';

/** Debian's package of the shell that tests need: it has no windows to draw, and is a third faster than the whole browser. */
export const HEADLESS_SHELL = '/usr/bin/chromium-headless-shell';
const SYSTEM = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'].map(
  (name) => `/usr/bin/${name}`,
);
const MACOS = ['Google Chrome', 'Chromium'].map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);

/** The path of a Chromium to test with: the one Playwright installed, else the system's; undefined where there is none. */
export async function findChromium() {
  const { chromium } = await import('@playwright/test');
  return [chromium.executablePath(), HEADLESS_SHELL, ...SYSTEM, ...MACOS].find(
    (path) => path !== '' && existsSync(path),
  );
}
