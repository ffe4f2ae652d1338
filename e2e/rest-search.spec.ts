import { expect } from '@playwright/test';
import { type ApiClient, freshId } from './api-client';
import { expectProblem, test } from './api-test';

/** Search and volume over HTTP, through Next. */

const search = (api: ApiClient, run: string, query: string, headers: Record<string, string> = {}) =>
  api.get(`logs/job-runs/${run}/search?${query}`, headers);

async function found(api: ApiClient, run: string, query: string): Promise<unknown[]> {
  const { text } = await search(api, run, query);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

async function makeRun(api: ApiClient): Promise<string> {
  const run = freshId();
  await api.lines(run, [
    { message: 'Error: one', timestamp: '2024-01-15T10:00:00Z', level: 'error', task_name: 'build' },
    { message: 'fine', timestamp: '2024-01-15T10:00:01.5Z' },
    { message: '\u001b[31merr\u001b[0mor täglich error', timestamp: '2024-01-15T10:00:03Z', stream: 'stderr' },
    { message: '{"status": 500}', timestamp: '2024-01-15T10:00:09.999Z', level: 'warn' },
  ]);
  return run;
}

test('a search is NDJSON: numbers with ranges, then the total', async ({ api }) => {
  const run = await makeRun(api);
  const answer = await search(api, run, 'q=error', { 'accept-encoding': 'gzip' });
  expect(answer.status).toBe(200);
  expect(answer.headers['content-type']).toBe('application/x-ndjson');
  expect(answer.headers['content-encoding']).toBeUndefined();
  expect(answer.text).toBe(
    '{"id":1,"ranges":[[0,5]]}\n{"id":3,"ranges":[[0,5],[14,19]]}\n{"total":2,"complete":true}\n',
  );
  expect(await found(api, run, 'q=error&case=1')).toEqual([
    {
      id: 3,
      ranges: [
        [0, 5],
        [14, 19],
      ],
    },
    { total: 1, complete: true },
  ]);
  expect(await found(api, run, 'q=status:500')).toMatchObject([{ id: 4 }, { total: 1 }]);
  expect(await found(api, run, `q=${encodeURIComponent('/E.{2}or/ -one')}`)).toMatchObject([{ id: 3 }, { total: 1 }]);
});

test('filters hold in a search, which goes on behind its limit', async ({ api }) => {
  const run = await makeRun(api);
  expect(await found(api, run, 'q=error&stream=stdout&task_name=build')).toMatchObject([{ id: 1 }, { total: 1 }]);
  expect(await found(api, run, 'from=2024-01-15T10:00:01Z&to=2024-01-15T10:00:03Z')).toEqual([
    { id: 2, ranges: [] },
    { total: 1, complete: true },
  ]);
  const answer = await search(api, run, 'q=error&limit=1');
  const end = JSON.parse(answer.text.trimEnd().split('\n').at(-1) ?? '');
  expect(end).toEqual({ total: 1, complete: false, reason: 'limit', next: expect.any(String) });
  expect(await found(api, run, `q=error&after=${end.next}`)).toMatchObject([{ id: 3 }, { total: 1, complete: true }]);
});

test('a search that cannot be made is refused before it begins', async ({ api }) => {
  const run = await makeRun(api);
  expectProblem(await search(api, freshId(), 'q=a'), 404, 'STRATAL_NO_RUN');
  expectProblem(await search(api, run, 'q=ok /(/'), 400, 'STRATAL_BAD_FILTER', { field: 'q', at: 4 });
  for (const limit of ['0', '1000001', 'x']) {
    expectProblem(await search(api, run, `q=a&limit=${limit}`), 400, 'STRATAL_BAD_PARAMETER', { field: 'limit' });
  }
  expectProblem(await search(api, run, 'q=a&after=never'), 400, 'STRATAL_BAD_CURSOR');
  expectProblem(await search(api, run, 'q=a&after=99'), 410, 'STRATAL_CURSOR_RESET');
  expectProblem(await search(api, run, `q=a&task_run_id=${freshId()}`), 404, 'STRATAL_NO_TASK');
});

test('a run without lines is looked through at once', async ({ api }) => {
  const run = freshId();
  await api.post('job-runs', { id: run, job_name: 'a', status: 'pending' });
  expect(await found(api, run, 'q=a')).toEqual([{ total: 0, complete: true }]);
});

test('a long search tells its progress, and many at once all end', async ({ api }) => {
  const run = freshId();
  const lines = Array.from({ length: 30_000 }, (_, index) => `line ${index % 1000} of many`);
  for (let batch = 0; batch < 8; batch++) await api.lines(run, lines);
  const all = await Promise.all(
    ['q=999', 'q=/9{3}/', 'q=nothing', 'q=-line', 'q=999&limit=1000'].map((q) => found(api, run, q)),
  );
  expect(all.map((answer) => answer.at(-1))).toEqual([240, 240, 0, 0, 240].map((total) => ({ total, complete: true })));
  const progress = all[2]?.[0];
  expect(progress).toEqual({ progress: { last: expect.any(Number) } });
});

test('volume counts lines by level in equal stretches of time', async ({ api }) => {
  const run = await makeRun(api);
  const volume = (query: string) => api.get(`logs/job-runs/${run}/volume?${query}`);
  const bin = (at: string, counts: object) => ({
    at: `2024-01-15T10:00:${at}Z`,
    info: 0,
    error: 0,
    warn: 0,
    debug: 0,
    ...counts,
  });
  expect((await volume('buckets=2')).json()).toEqual({
    from: '2024-01-15T10:00:00.000Z',
    to: '2024-01-15T10:00:10.000Z',
    bucket_ms: 5000,
    bins: [bin('00.000', { info: 2, error: 1 }), bin('05.000', { warn: 1 })],
  });
  expect((await volume('from=2024-01-15T10:00:01Z&to=2024-01-15T10:00:03Z&buckets=1')).json('bins')).toEqual([
    bin('01.000', { info: 1 }),
  ]);
  expect((await volume('')).json('bucket_ms')).toBe(100);
  for (const [query, field] of [
    ['buckets=0', 'buckets'],
    ['buckets=1001', 'buckets'],
    ['q=a', 'q'],
  ]) {
    expectProblem(await volume(String(query)), 400, 'STRATAL_BAD_PARAMETER', { field });
  }
  expectProblem(await volume('from=2024-01-16&to=x'), 400, 'STRATAL_BAD_FILTER', { field: 'from' });
  expectProblem(await volume('from=2024-01-16T00:00:00Z&to=2024-01-16T00:00:00Z'), 400, 'STRATAL_BAD_PARAMETER', {
    field: 'to',
  });
  expectProblem(await api.get(`logs/job-runs/${freshId()}/volume`), 404, 'STRATAL_NO_RUN');
});
