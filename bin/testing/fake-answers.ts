import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { LogStreamingService } from '@/lib/client/log-streaming-service';
import type { SearchLine } from '@/lib/protocol/api';
import type { ResetEvent } from '@/lib/protocol/stream-events';

export const URL_OF_SERVER = 'http://localhost:8080';

/** What a server answers a request with. */
export type Answer =
  | { lines: number[]; next: string; ended?: boolean /** The last line continues. */; isOpen?: boolean }
  | { reset: ResetEvent }
  | { run: { first: number; last: number } }
  | { found: SearchLine[] }
  | { stopping: { retryAfter: number } }
  | 'away'
  | 'stopping';

/** A server that gives these answers one after the other, then none; and what it was asked for. */
export function fakeServer(answers: Answer[]) {
  const asked: string[] = [];
  const fetch = async (url: Parameters<typeof globalThis.fetch>[0]) => {
    const { pathname, searchParams } = new URL(String(url));
    const path = pathname.replace('/api/v1', '').replace('/logs/job-runs/r', '');
    asked.push(searchParams.get('after') ?? path);
    return answer(answers.shift() ?? 'away');
  };
  return { service: new LogStreamingService(URL_OF_SERVER, { fetch }), asked };
}

/** The same as a server of its own until the test's end; its address. */
export async function serveAnswers(context: TestContext, answers: Answer[]): Promise<string> {
  const server = createServer((_, response) => {
    const next = answers.shift() ?? 'away';
    if (next === 'away') return response.destroy();
    const given = answer(next);
    response.writeHead(given.status, Object.fromEntries(given.headers));
    return given.text().then((text) => response.end(text));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function answer(given: Answer): Response {
  if (given === 'away') throw new TypeError('fetch failed');
  if (given === 'stopping') return problem(503, 'STRATAL_DRAINING', {});
  if ('stopping' in given) {
    return problem(503, 'STRATAL_DRAINING', {}, { 'retry-after': String(given.stopping.retryAfter) });
  }
  if ('reset' in given) return problem(410, 'STRATAL_CURSOR_RESET', given.reset);
  if ('found' in given) return new Response(given.found.map((line) => `${JSON.stringify(line)}\n`).join(''));
  if ('run' in given) return Response.json(runOf(given.run));
  const { lines, next, ended = false, isOpen = false } = given;
  const logs = lines.map((id) => ({
    id,
    job_run_id: 'r',
    timestamp: '2026-01-01T00:00:00.000Z',
    level: 'info',
    stream: 'stdout',
    message: `line ${id}`,
    ...(isOpen && id === lines.at(-1) && { continues: true }),
  }));
  return Response.json({
    logs,
    pagination: { total: null, limit: 1000, offset: null, count: logs.length, next, ended, looked_after: 1_000 },
  });
}

function problem(status: number, code: string, members: object, headers: Record<string, string> = {}): Response {
  const body = { type: 'about:blank', title: code, status, detail: 'No.', code, ...members };
  return Response.json(body, { status, headers });
}

function runOf({ first, last }: { first: number; last: number }): object {
  const none = { byte_count: 0, masked_count: 0, replaced_count: 0, pinned: false };
  const level_counts = { info: 0, warn: 0, error: 0, debug: 0 };
  return {
    id: 'r',
    job_name: 'j',
    status: 'running',
    first_line: first,
    line_count: last - first + 1,
    level_counts,
    ...none,
  };
}
