import assert from 'node:assert/strict';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { searchLineSchema } from '@/lib/protocol/api';
import { useTestServers } from '@/lib/transport/testing/test-fixture';
import { openSearch } from './search';
import { parseSearchQuery } from './search-query';

const { start, newRunId } = useTestServers();

const never = new AbortController().signal;
const ask = (query: string) => parseSearchQuery(new URLSearchParams(query));

async function linesOf(body: Readable) {
  const lines = (await text(body)).trimEnd().split('\n');
  return lines.map((line) => searchLineSchema.parse(JSON.parse(line)));
}

describe('a search', () => {
  test('answers matches with their ranges, and how it ended', async () => {
    const { store, writer } = await start({});
    const run = await writer.createRun(newRunId());
    await writer.lines(run, ['one two', 'two', '\x1b[31mTw\x1b[0mo', 'three\ntwo']);
    const search = async (query: string) => linesOf((await openSearch(store, run.id, ask(query), never)).body);
    // Line 1 is the system's.
    assert.deepEqual(await search('q=two'), [
      { id: 2, ranges: [[4, 7]] },
      { id: 3, ranges: [[0, 3]] },
      { id: 4, ranges: [[0, 3]] },
      { id: 5, ranges: [[6, 9]] },
      { total: 4, complete: true },
    ]);
    const [first, second, end] = await search('q=two&limit=2&after=2');
    assert.deepEqual(
      [first, second],
      [
        { id: 3, ranges: [[0, 3]] },
        { id: 4, ranges: [[0, 3]] },
      ],
    );
    assert.ok(end && 'next' in end);
    assert.deepEqual({ ...end, next: '' }, { total: 2, complete: false, reason: 'limit', next: '' });
    assert.deepEqual(await search(`q=two&after=${end.next}`), [
      { id: 5, ranges: [[6, 9]] },
      { total: 1, complete: true },
    ]);
    assert.deepEqual(await search('q=two&limit=4'), await search('q=two'));
    assert.deepEqual(await search('q=two&after=5'), [{ total: 0, complete: true }]);
    await assert.rejects(search('q=two&after=6'), { code: 'STRATAL_CURSOR_RESET' });
    await assert.rejects(search('q=two&after=x'), { code: 'STRATAL_BAD_CURSOR' });
  });

  test('of a run that is deleted meanwhile breaks off, as what is gone cannot be looked through', async () => {
    const { store, writer } = await start({});
    const run = await writer.createRun(newRunId());
    await writer.lines(run, Array<string>(3000).fill('a'));
    await writer.lines(run, Array<string>(3000).fill('b'));
    const { body } = await openSearch(store, run.id, ask('q=a&limit=9000'), never);
    await assert.rejects(
      async () => {
        for await (const _piece of body) await store.deleteRun(run.id);
      },
      { code: 'STRATAL_NO_RUN' },
    );
  });
});
