import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { HEAD_POLL_MS } from '@/lib/config/limits';
import { openNotifications } from '@/lib/store/notifications';
import { type OpenStore, openStore } from '@/lib/store/open-store';
import { openTestDatabase, type TestDatabase } from '@/lib/store/testing/test-database';
import { type Bus, noBus } from './bus';
import type { Clock } from './clock';
import { Feed } from './feed';
import { PostgresBus } from './postgres-bus';
import type { RunFeed } from './run-feed';
import { LogWriter, linesOp, numbered } from './testing/log-writer';
import { ManualClock } from './testing/manual-clock';

/** Two nodes, each with its store and feed, on one database. */

interface Node {
  store: OpenStore;
  feed: Feed;
  writer: LogWriter;
}

let database: TestDatabase;
const closers: Array<() => Promise<void>> = [];
let runs = 0;

before(async () => {
  database = await openTestDatabase();
});
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});
after(() => database.drop());

async function startNode(options: { bus?: Bus; clock?: Clock; gapMax?: number } = {}): Promise<Node> {
  const { bus = noBus, clock, gapMax } = options;
  const store = await openStore(database.options);
  const fail = (error: unknown) => assert.fail(String(error));
  const feed = await Feed.open({ store, bus, tailBytes: 1_000_000, clock, gapMax, onError: fail });
  closers.push(async () => {
    await feed.close();
    await store.close();
  });
  return { store, feed, writer: new LogWriter(store, feed) };
}

function postgresBus(): Bus {
  return new PostgresBus({ client: openNotifications(database.options) });
}

function newId(): string {
  runs += 1;
  return `run-${runs}`;
}

/** A reader that notes what its feed knew at each wake-up. */
async function watchRun({ feed }: Node, id: string) {
  const wakes: number[] = [];
  let resolve = () => {};
  const holder: { run?: RunFeed } = {};
  const wake = () => {
    wakes.push(holder.run?.head.lastLine ?? 0);
    resolve();
  };
  const run = await feed.runs.open(id, wake);
  assert.ok(run);
  holder.run = run;
  const untilTrue = async (condition: () => boolean) => {
    while (!condition()) {
      await new Promise<void>((done) => {
        resolve = done;
      });
    }
  };
  return {
    run,
    wakes,
    untilTrue,
    until: (lastLine: number) => untilTrue(() => run.head.lastLine >= lastLine),
    close: () => feed.runs.close(run, wake),
  };
}

test('wakes readers once for a commit, after all of it is there', async () => {
  const node = await startNode();
  const run = await node.writer.createRun(newId());
  const other = await node.writer.createRun(newId());
  const reader = await watchRun(node, run.id);
  await node.writer.commit([linesOp(run, ['a']), linesOp(other, ['b']), linesOp(run, ['c'])]);
  assert.deepEqual(reader.wakes, [3]);
  assert.equal(node.feed.tail.batchAt(run.key, 3)?.message(0), 'c');
  reader.close();
});

test('follows commits of another node by notification', async () => {
  const [here, there] = [await startNode({ bus: postgresBus() }), await startNode({ bus: postgresBus() })];
  const run = await there.writer.createRun(newId());
  const reader = await watchRun(here, run.id);
  await there.writer.lines(run, numbered('there', 5));
  await reader.until(6);
  // The lines came with the news: they are in memory before a reader asks.
  assert.equal(here.feed.tail.batchAt(run.key, 6)?.lastLine, 6);
  await there.writer.finish(run);
  await reader.until(7);
  assert.equal(reader.run.head.status, 'completed');
  reader.close();
});

test('follows commits of another node by looking at the head', async () => {
  const clock = new ManualClock();
  const here = await startNode({ clock });
  const there = await startNode();
  const run = await there.writer.createRun(newId());
  const reader = await watchRun(here, run.id);
  await there.writer.lines(run, numbered('unheard', 5));
  assert.equal(reader.run.head.lastLine, 1);
  clock.advance(HEAD_POLL_MS);
  await reader.until(6);
  assert.equal(here.feed.tail.batchAt(run.key, 4)?.message(0), 'unheard 1');
  reader.close();
});

test('puts commits of both nodes into one order before readers see the later ones', async () => {
  const [here, there] = [await startNode(), await startNode()];
  const run = await here.writer.createRun(newId());
  const reader = await watchRun(here, run.id);
  for (let round = 0; round < 20; round++) {
    await there.writer.lines(run, [`there ${round}`]);
    await here.writer.lines(run, [`here ${round}`]);
  }
  await reader.until(41);
  assert.deepEqual(
    reader.wakes,
    [...reader.wakes].sort((a, b) => a - b),
  );
  const messages: string[] = [];
  for (let line = 2; line <= 41; line++) {
    const batch = here.feed.tail.batchAt(run.key, line);
    messages.push(batch?.message(line - batch.firstLine) ?? '');
  }
  assert.deepEqual(messages, Array.from({ length: 20 }, (_, round) => [`there ${round}`, `here ${round}`]).flat());
  reader.close();
});

test('reads nothing of other nodes, and keeps no lines of its own, while nobody reads here', async () => {
  const [here, there] = [await startNode(), await startNode()];
  const run = await there.writer.createRun(newId());
  await there.writer.lines(run, numbered('there', 50));
  const mine = await here.writer.createRun(newId());
  await here.feed.settled();
  assert.equal(here.feed.tail.batchAt(run.key, 2), undefined);
  assert.equal(here.feed.tail.batchAt(mine.key, 1), undefined);
  const reader = await watchRun(here, run.id);
  assert.equal(reader.run.head.lastLine, 51);
  reader.close();
});

test('skips a long gap and reads anew where its runs stand', async () => {
  const [here, there] = [await startNode({ gapMax: 5 }), await startNode()];
  const run = await there.writer.createRun(newId());
  const reader = await watchRun(here, run.id);
  const start = here.feed.tail.start;
  for (let number = 1; number <= 10; number++) await there.writer.lines(run, [`there ${number}`]);
  await here.feed.lookAtHead();
  await reader.until(11);
  assert.ok(here.feed.tail.start > start);
  assert.equal(here.feed.tail.batchAt(run.key, 11), undefined);
  await here.writer.lines(run, ['here']);
  await reader.until(12);
  assert.equal(here.feed.tail.batchAt(run.key, 12)?.message(0), 'here');
  reader.close();
});

test('tells watchers which runs changed, on every node', async () => {
  const [here, there] = [await startNode({ bus: postgresBus() }), await startNode({ bus: postgresBus() })];
  const run = await there.writer.createRun(newId());
  let stop = () => {};
  const heard = new Promise<void>((resolve) => {
    stop = here.feed.onRunsChanged((keys) => {
      if (keys.has(run.key)) resolve();
    });
  });
  there.feed.runsChanged([run.key]);
  await heard;
  stop();
});

test('relays partials to other nodes, and not behind the line that ended them', async () => {
  const [here, there] = [await startNode({ bus: postgresBus() }), await startNode({ bus: postgresBus() })];
  const run = await there.writer.createRun(newId());
  const reader = await watchRun(here, run.id);
  const partials = () => [...here.feed.partials.newer(0, run.key)];
  const message = '\u001b'.repeat(4000);
  there.feed.publishPartial({ run, task: undefined, stream: 'stdout', message, atUs: 1 });
  await reader.untilTrue(() => partials().length === 1);
  // Escapes made it too long for a notification: its newest part came.
  const shown = partials()[0]?.message ?? '';
  assert.ok(shown.length > 100 && message.endsWith(shown));
  await there.writer.lines(run, ['done']);
  await reader.until(2);
  assert.equal(partials().length, 0);
  reader.close();
});

test('hears other nodes again after its connection was cut', async () => {
  const [here, there] = [await startNode({ bus: postgresBus() }), await startNode({ bus: postgresBus() })];
  const run = await there.writer.createRun(newId());
  const reader = await watchRun(here, run.id);
  const { sql } = here.store.database;
  await sql`select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%' and datname = current_database()`;
  await there.writer.lines(run, ['after the cut']);
  await reader.until(2);
  reader.close();
});
