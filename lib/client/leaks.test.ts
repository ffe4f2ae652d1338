import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { TRANSPORTS } from './testing/recording';
import { ScriptedServer } from './testing/scripted-server';

for (const transport of TRANSPORTS) {
  test(`${transport} leaves no timer and no socket behind that would keep a program alive`, {
    timeout: 60_000,
  }, async (t) => {
    const server = await ScriptedServer.start();
    const closed = await ScriptedServer.start();
    await closed.stop();
    server.append(1);
    const script = ['--import', 'tsx', 'lib/client/testing/leak-probe.ts', server.url, closed.url, transport];
    const child = spawn(process.execPath, script, { stdio: ['ignore', 'inherit', 'inherit'] });
    t.after(() => child.kill());
    const [code, signal] = await once(child, 'exit');
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    assert.equal(server.requests.length, 1);
    if (transport === 'socketio') assert.deepEqual(server.watches[0], { status: true });
    await server.stop();
  });
}
