import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import type { LogSocket } from './log-socket';
import { NewestNews } from './newest-news';

test('news of many watches go out as their client takes them, not all into the buffer at once', () => {
  const transport = Object.assign(new EventEmitter(), { writable: false });
  const load = { unsentBytes: 0 };
  const news = new NewestNews({ conn: { transport } } as unknown as LogSocket, load);
  const sent: number[] = [];
  const MIB = 1024 * 1024;
  for (let watch = 0; watch < 5; watch++) {
    news.send(`watch ${watch}`, () => {
      sent.push(watch);
      load.unsentBytes += MIB;
    });
  }
  for (let taken = 1; taken <= 5; taken++) {
    load.unsentBytes = 0;
    transport.emit('ready');
    assert.equal(sent.length, taken);
  }
  assert.deepEqual(sent, [0, 1, 2, 3, 4]);
});
