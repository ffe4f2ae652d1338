import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { build } from 'esbuild';
import { type Browser, chromium, type Page } from 'playwright';
import { findChromium } from '@/scripts/find-chromium.mjs';
import { numbers, TRANSPORTS } from './testing/recording';
import { ScriptedServer } from './testing/scripted-server';

/** The client where most of it runs: bundled, in a real browser, on a page of the server's own origin. */

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ['lib/client/testing/browser-entry.ts'],
    bundle: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

const executablePath = await findChromium();
const skip = executablePath === undefined && 'there is no Chromium on this machine';

describe('in a browser', { timeout: 120_000, skip }, () => {
  let browser: Browser;
  let script: string;
  let server: ScriptedServer;
  let page: Page;

  before(async () => {
    script = await bundle();
    server = await ScriptedServer.start();
    server.files.set('/', { type: 'text/html', body: '<!doctype html><script src="/client.js"></script>' });
    server.files.set('/client.js', { type: 'text/javascript', body: script });
    browser = await chromium.launch({
      ...(executablePath !== undefined && { executablePath }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
    });
    page = await browser.newPage();
    await page.goto(server.url);
  });

  after(async () => {
    await browser.close();
    await server.stop();
  });

  async function untilLines(count: number): Promise<number[]> {
    await page.waitForFunction(`page.ids.length >= ${count}`);
    return page.evaluate('page.ids');
  }

  for (const transport of TRANSPORTS) {
    test(`${transport} delivers each line once, over a broken connection`, async () => {
      const before = server.log.last;
      server.append(20);
      await page.evaluate(`page.follow('${transport}')`);
      await untilLines(before + 20);
      server.kill();
      server.log.append(5);
      assert.deepEqual(await untilLines(before + 25), numbers(1, before + 25));
      await page.evaluate('page.leave()');
      await server.untilReaders(0);
    });
  }

  test('a page that comes back to the network connects at once', async () => {
    await server.stop();
    await page.context().setOffline(true);
    await page.evaluate(`page.follow('websocket')`);
    await page.waitForFunction(`page.states.includes('offline')`);
    await server.listen();
    await page.context().setOffline(false);
    await untilLines(server.log.last);
    const states = await page.evaluate<string[]>('page.states');
    assert.equal(states.includes('reconnecting'), false);
    assert.equal(states.at(-1), 'live');
  });
});
