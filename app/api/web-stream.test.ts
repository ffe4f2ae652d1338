import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { streamedBody } from '@/lib/transport/rest/streamed-body';
import { toWebStream } from './web-stream';

const never = new AbortController().signal;

describe('a body that is made as it is taken', () => {
  /** One piece, then a wait that only the signal ends. */
  function endless(signals: AbortSignal[]) {
    return async function* (signal: AbortSignal): AsyncGenerator<Uint8Array> {
      signals.push(signal);
      yield Buffer.from('piece');
      await once(signal, 'abort');
      throw signal.reason;
    };
  }

  test('stops what is under way as soon as its reader goes, by Node and by the web', async () => {
    const signals: AbortSignal[] = [];
    const body = streamedBody(endless(signals), never);
    await once(body, 'readable');
    assert.equal(signals[0]?.aborted, false);
    body.destroy();
    await once(body, 'close');
    assert.equal(signals[0]?.aborted, true);

    const reader = toWebStream(streamedBody(endless(signals), never)).getReader();
    await reader.read();
    const waiting = reader.read();
    assert.equal(signals[1]?.aborted, false);
    await reader.cancel();
    await waiting;
    if (signals[1]?.aborted === false) await once(signals[1], 'abort');
  });
});
