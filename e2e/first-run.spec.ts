import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from '@playwright/test';
import { test } from './browser-test';
import { LogPage } from './log-page';
import { StratalServer } from './stratal-server';

/** What someone sees who has just started Stratal for the first time. */

test.use({ outages: true });

test('an empty database gets a sample job, which can be watched while it works, and only one', async ({ page }) => {
  const spool = await mkdtemp(path.join(tmpdir(), 'stratal-e2e-spool-'));
  const server = await StratalServer.start({ env: { STRATAL_SAMPLE: 'on', STRATAL_SPOOL_DIR: spool } });
  try {
    await page.goto(server.url);
    await expect(page.locator('[data-run]')).toHaveCount(1);
    await expect(page.locator('[data-run] [data-status="running"]').last()).toBeVisible();
    await page.getByRole('link', { name: 'nightly-build' }).click();

    const log = new LogPage(page);
    await expect(log.state).toHaveText(/Live/);
    await expect(log.rowsWith('Nightly build')).toBeVisible();
    await expect(log.rowsWith("Cloning into 'corner-shop'")).toBeVisible();
    await expect(page.getByRole('button', { name: /checkout/ })).toBeVisible();
    // The next step begins when this one has ended: its first line can only be seen live.
    await expect(log.rowsWith('$ npm ci')).toBeVisible({ timeout: 30_000 });

    await server.stop();
    await server.startAgain();
    await page.goto(server.url);
    await expect(page.getByRole('link', { name: 'nightly-build' })).toHaveCount(1);
    await expect(page.locator('[data-run]')).toHaveCount(1);
  } finally {
    await server.close();
    await rm(spool, { recursive: true, force: true });
  }
});
