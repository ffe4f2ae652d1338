import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '@playwright/test';
import { build } from 'esbuild';

const ENTRY = `
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { LogViewer } from '@/components/LogViewer';

const { windowLines, ...props } = Object.fromEntries(new URLSearchParams(location.search));
const numbers = windowLines === undefined ? {} : { windowLines: Number(windowLines) };
createRoot(document.getElementById('root')).render(createElement(LogViewer, { ...props, ...numbers, height: 400, autoScroll: true }));
`;

/** A page of another origin than Stratal's, of which the viewer is all there is. */
export class EmbeddingPage {
  readonly #server: Server;
  readonly origin: string;

  private constructor(server: Server) {
    this.#server = server;
    this.origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<EmbeddingPage> {
    const script = await bundle();
    const server = createServer((request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      if (pathname === '/embedded.js') {
        response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
        return;
      }
      const styles = searchParams.getAll('style').map((href) => `<link rel="stylesheet" href="${href}">`);
      response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(
          `<!doctype html><html lang="en"><title>Embedding</title><link rel="icon" href="data:,">${styles.join('')}<main><h1>Embedding</h1><div id="root"></div></main><script type="module" src="/embedded.js"></script>`,
        );
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    return new EmbeddingPage(server);
  }

  /** `properties` are the viewer's others. */
  async open(page: Page, stratal: string, jobRunId: string, properties: Record<string, string> = {}): Promise<void> {
    const parameters = new URLSearchParams({ baseUrl: stratal, jobRunId, ...properties });
    const html = await (await fetch(stratal)).text();
    for (const [, href] of html.matchAll(/<link rel="stylesheet" href="([^"]+)"/g))
      parameters.append('style', new URL(href ?? '', stratal).href);
    await page.goto(`${this.origin}/?${parameters}`);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: ENTRY, resolveDir: process.cwd(), loader: 'js' },
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}
