import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/find-chromium.mjs';

/** Where `npm test` wants the counts; absent when Playwright is started by hand. */
const countsFile = process.env.STRATAL_TEST_COUNTS;
const executablePath = await findChromium();

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts',
  // Each spec starts servers of its own; two at a time would only share the two cores.
  workers: 1,
  retries: 0,
  forbidOnly: process.env.CI !== undefined,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ...(countsFile === undefined ? [] : [['json', { outputFile: countsFile }] as const])],
  use: {
    // A trace of every test costs half as much again; to look into a failure: npx playwright test <spec> --trace on.
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [
        // Containers and root have no user namespaces for the sandbox; the pages are our own.
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--disable-dev-shm-usage',
      ],
    },
  },
});
