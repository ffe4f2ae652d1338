import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { type Guarded, guarded, openTab } from './chromium';

/** The viewer for React that npm offers for whole files: virtual rows over a text that is held in the page. */
export const OTHER_VIEWER = '@melloware/react-logviewer@6.5.5';
/** A line that is not in sight by then is not reached. */
const JUMP_MS = 3000;
const PACKAGES = [OTHER_VIEWER, 'react@19.3.1', 'react-dom@19.3.1'];

const ENTRY = `
import { createElement, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { LazyLog } from '@melloware/react-logviewer';

function App() {
  const [line, setLine] = useState(0);
  globalThis.showLine = setLine;
  return createElement('div', { style: { height: 700 } }, createElement(LazyLog, {
    url: '/log.txt', height: 700, scrollToLine: line, enableSearch: false, onLoad: () => { globalThis.isLoaded = true; },
  }));
}
createRoot(document.getElementById('root')).render(createElement(App));
`;
const PAGE = '<!doctype html><meta charset="utf-8"><div id="root"></div><script src="/app.js"></script>';

export interface OtherViewer {
  /** From navigation until lines are in sight. */
  linesMs: number;
  /** From naming a line to it being in sight, each of the jumps; NaN for a line that was not reached. */
  jumpsMs: number[];
  heap: number;
}

/** Another viewer in a page of its own, installed outside the repository. */
export class OtherViewerSite {
  readonly #folder: string;
  readonly #server: Server;
  readonly #url: string;
  #file = '';

  private constructor(folder: string, server: Server, url: string) {
    this.#folder = folder;
    this.#server = server;
    this.#url = url;
  }

  /** Installs the packages from npm; rejects where that cannot be done. */
  static async start(): Promise<OtherViewerSite> {
    const folder = await mkdtemp(path.join(tmpdir(), 'stratal-other-viewer-'));
    await writeFile(path.join(folder, 'package.json'), '{"private":true,"type":"module"}');
    await npmInstall(folder);
    await writeFile(path.join(folder, 'app.js'), ENTRY);
    const bundle = await build({
      entryPoints: [path.join(folder, 'app.js')],
      bundle: true,
      minify: true,
      write: false,
      outdir: folder,
      define: { 'process.env.NODE_ENV': '"production"' },
    });
    const script = bundle.outputFiles.find((file) => file.path.endsWith('.js'))?.text ?? '';
    const server = createServer((request, response) => {
      if (request.url === '/app.js') response.setHeader('Content-Type', 'text/javascript').end(script);
      else if (request.url === '/log.txt')
        createReadStream(site.#file).pipe(response.setHeader('Content-Type', 'text/plain'));
      else response.setHeader('Content-Type', 'text/html').end(PAGE);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const site = new OtherViewerSite(folder, server, `http://127.0.0.1:${port}/`);
    return site;
  }

  /** Shows a file of `makeText` lines, in any order, and jumps to some of them. */
  async measure(
    file: string,
    jumps: readonly number[],
    limits: { seconds: number; bytes: number },
  ): Promise<Guarded<OtherViewer>> {
    this.#file = file;
    const keys = await keysOf(file, new Set([1, ...jumps]));
    const keyOf = (line: number) => keys.get(line) ?? '';
    const tab = await openTab();
    try {
      return await guarded(tab, limits, async () => {
        await tab.page.goto(this.#url, { waitUntil: 'commit' });
        const linesMs = await tab.page.evaluate(awaitText, keyOf(1));
        await tab.page.evaluate(awaitLoad);
        const jumpsMs: number[] = [];
        for (const line of jumps)
          jumpsMs.push(await tab.page.evaluate(showLine, { line, key: keyOf(line), patienceMs: JUMP_MS }));
        return { linesMs, jumpsMs, heap: await tab.heap() };
      });
    } finally {
      await tab.close();
    }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What tells each of these lines of a file, counted from 1, from its neighbours. */
async function keysOf(file: string, wanted: ReadonlySet<number>): Promise<Map<number, string>> {
  const keys = new Map<number, string>();
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (wanted.has(number)) keys.set(number, / id=\w+ user=\d+ /.exec(line)?.[0] ?? '');
    if (keys.size === wanted.size) break;
  }
  return keys;
}

async function npmInstall(folder: string): Promise<void> {
  const args = ['install', '--no-audit', '--no-fund', '--ignore-scripts', ...PACKAGES];
  const child = spawn('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`npm install ${PACKAGES.join(' ')}: ${errors.trim().split('\n').at(-1)}`);
}

/** Runs in the page. */
async function awaitText(key: string): Promise<number> {
  while (!document.getElementById('root')?.textContent?.includes(key)) await new Promise(requestAnimationFrame);
  return performance.now();
}

/** Runs in the page. */
async function awaitLoad(): Promise<void> {
  while (Reflect.get(globalThis, 'isLoaded') !== true) await new Promise(requestAnimationFrame);
}

/** Runs in the page. */
async function showLine({ line, key, patienceMs }: { line: number; key: string; patienceMs: number }): Promise<number> {
  const start = performance.now();
  const show: unknown = Reflect.get(globalThis, 'showLine');
  if (typeof show === 'function') show(line);
  while (!document.getElementById('root')?.textContent?.includes(key)) {
    if (performance.now() - start > patienceMs) return Number.NaN;
    await new Promise(requestAnimationFrame);
  }
  return performance.now() - start;
}
