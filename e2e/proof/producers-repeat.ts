import { freshId } from '@/e2e/api-client';
import { AnswerCount, judge, type ScenarioOutcome } from './outcome';
import { ProofProducer } from './proof-producer';
import type { ServerPair } from './server-pair';
import { until } from './until';

const BATCH_MAX = 300;
const PATIENCE_MS = 10_000;

/**
 * A producer that gives up waiting and repeats, at the same and at the other server; that begins again further back, with other batches; that
 * sends a batch twice at once; and whose body breaks off in the middle.
 */
export async function repeatBatches(pair: ServerPair, random: () => number, lines: number): Promise<ScenarioOutcome> {
  const run = { place: 0, id: freshId('repeat') };
  const producer = new ProofProducer({ name: 'repeating', run, rest: (index) => `${index * 7919}`.repeat(12) });
  const answers = new AnswerCount();
  const broken: string[] = [];
  const pick = () => (random() < 0.5 ? pair.direct : pair.handler).url;
  const send = async (url: string, from: number, to: number, cutAfterBytes?: number) => {
    const answer = answers.add(
      await producer.send(url, from, to, cutAfterBytes === undefined ? {} : { cutAfterBytes }),
    );
    if (answer && answer.status !== 200) broken.push(`a batch at ${from} was answered ${JSON.stringify(answer)}`);
    return answer;
  };
  while (producer.position < lines && broken.length === 0) {
    const from = producer.position;
    const to = Math.min(lines, from + 1 + Math.floor(random() * BATCH_MAX));
    const body = Buffer.byteLength(producer.body(from, to));
    switch (Math.floor(random() * 6)) {
      case 0:
        await send(pick(), from, to, body);
        await send(pick(), from, to);
        break;
      case 1:
        await send(pick(), Math.max(0, from - Math.floor(random() * 2 * BATCH_MAX)), to);
        break;
      case 2: {
        const url = pick();
        await Promise.all([send(url, from, to), send(url, from, to)]);
        break;
      }
      case 3:
        await Promise.all(pair.both.map(({ url }) => send(url, from, to)));
        break;
      case 4: {
        await send(pick(), from, to, Math.floor(random() * body));
        // Nothing is repeated blindly: the producer asks where its source is, and goes on there.
        const asked = await send(pick(), from, from);
        const next = asked?.next ?? -1;
        // What an earlier body had sent before it broke off may have come in only now.
        if (next < from || next > producer.record.sent)
          broken.push(`after a body from ${from} to ${to} broke off, next is ${next}`);
        break;
      }
      default:
        await send(pick(), from, to);
    }
  }
  // What was cut off may still be on its way in.
  const isThere = async () => answers.add(await producer.send(pair.direct.url, lines, lines))?.next === lines;
  const end = performance.now() + PATIENCE_MS;
  while (!(await isThere()) && performance.now() < end) await until(() => false, 50);
  broken.push(...(await judge(pair.handler.url, [run], [producer])));
  return { scenario: 'repeats, re-cuts, doubles, breaks off', lines, answers: answers.counts, broken };
}
