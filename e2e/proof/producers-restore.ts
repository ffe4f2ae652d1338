import { freshId } from '@/e2e/api-client';
import { finishRun } from '@/e2e/rest-client';
import { runStratal } from '@/e2e/stratal-command';
import { AnswerCount, judge, type ScenarioOutcome } from './outcome';
import { ProofProducer } from './proof-producer';
import { RestoredReaders } from './restored-readers';
import type { CopiedStore } from './store-copies';

/** Lines of another program, which take the numbers that readers know other lines by. */
const OTHERS = 5;
const MORE = 10;

/**
 * A store is put back to what it was, and given a new epoch as docs/operations.md says. Producers are told where it is, and send the rest
 * again from their spools; readers with a cursor from before are reset, and then see what is there.
 */
export async function comeBackAfterRestore(store: CopiedStore, lines: number): Promise<ScenarioOutcome> {
  const { server } = store;
  const { url } = server;
  const old = { place: 0, id: freshId('restored') };
  const late = { place: 1, id: freshId('late') };
  const runs = [old, late];
  const spooling = new ProofProducer({ name: 'spooling', run: old });
  const unknown = new ProofProducer({ name: 'unknown', run: late });
  const other = new ProofProducer({ name: 'other', run: old });
  const answers = new AnswerCount();
  const broken: string[] = [];
  const readers = new RestoredReaders(url, runs);
  const half = Math.floor(lines / 2);
  try {
    await readers.openGlobal();
    answers.add(await spooling.send(url, 0, half));
    await store.copy();
    answers.add(await spooling.send(url, half, lines));
    answers.add(await unknown.send(url, 0, half));
    broken.push(...(await readers.readUntil([lines, half])));
    await server.stop();

    await store.putBack();
    broken.push(...(await checkPutBack(store)));
    await server.startAgain();

    // Before anybody has sent anything: lines beyond the head are not there, and cursors are foreign all the same.
    broken.push(...(await readers.comeBack(old)));
    answers.add(await other.send(url, 0, OTHERS));
    for (const [producer, next] of [[spooling, half] as const, [unknown, 0] as const]) {
      const { position } = producer;
      const refused = answers.add(await producer.send(url, position, position + MORE));
      if (refused?.status !== 409 || refused.next !== next) {
        const told = JSON.stringify(refused);
        broken.push(`promise 5: producer ${producer.record.name} was told ${told}, not 409 with next ${next}`);
      }
      answers.add(await producer.send(url, refused?.next ?? 0, position + MORE));
    }
    broken.push(...(await readers.comeBack(late)));
    for (const { id } of runs) await finishRun(url, id);
    broken.push(...(await judge(url, runs, [spooling, unknown, other])));
    broken.push(...(await readers.conclude([half, 0])));
    const checked = await runStratal(['check'], store.env);
    if (checked.exitCode !== 0) broken.push(`stratal check found ${checked.stdout}${checked.stderr}`);
    return { scenario: 'comes back after a restore', lines: lines + half, answers: answers.counts, broken };
  } finally {
    await readers.stop();
  }
}

/** The two commands of docs/operations.md, "After a restore", before the server starts. */
async function checkPutBack({ env }: CopiedStore): Promise<string[]> {
  const renewed = await runStratal(['check', '--new-epoch'], env);
  const whole = await runStratal(['check'], env);
  const said = `${renewed.stdout}${renewed.stderr}${whole.stdout}${whole.stderr}`;
  return renewed.exitCode === 0 && whole.exitCode === 0 && /: no differences\n$/.test(whole.stdout)
    ? []
    : [`after the restore stratal check ended with ${renewed.exitCode} and ${whole.exitCode}: ${said}`];
}
