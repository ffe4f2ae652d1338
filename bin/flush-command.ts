import type { CliConfig } from '@/lib/config/cli';
import { ApiConnection } from '@/lib/logger/api-connection';
import { deliverWaitingSpools } from '@/lib/logger/waiting-spools';
import { FdWriter } from './fd-writer';
import { describeWaitingSpool } from './reports';

/**
 * `stratal flush`: delivers what earlier commands left, to every server it is for, trying for at most `waitMs`. Returns 0
 * when nothing waits any more, else 1.
 */
export async function flushSpools(waitMs: number, config: CliConfig): Promise<number> {
  const stderr = new FdWriter(2);
  const say = (sentence: string) => stderr.write(Buffer.from(`stratal: ${sentence}\n`));
  const connections = new Map<string, ApiConnection>();
  const connect = ({ url }: { url: string }) => {
    // The token is this server's; another one, of an earlier STRATAL_URL, must not see it.
    const made = connections.get(url) ?? new ApiConnection(url === config.url ? config : { url });
    connections.set(url, made);
    return made;
  };
  const stopping = new AbortController();
  const stop = () => stopping.abort();
  const timer = setTimeout(stop, waitMs);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  const sentences: string[] = [];
  let hasAll = true;
  let hasAny = false;
  await deliverWaitingSpools({
    root: config.spoolDirectory,
    connect,
    signal: stopping.signal,
    givesUpEarly: false,
    onReport: (report) => {
      hasAny = true;
      if (report.end !== 'delivered') hasAll = false;
      const sentence = describeWaitingSpool(report);
      if (sentence !== undefined) sentences.push(sentence);
    },
    onUnreadable: (directory) => {
      hasAny = true;
      hasAll = false;
      sentences.push(`${directory} cannot be read: its head.json is damaged`);
    },
  });
  clearTimeout(timer);
  if (!hasAny) sentences.push('nothing waits');
  for (const sentence of sentences) await say(sentence);
  for (const connection of connections.values()) connection.close();
  return hasAll ? 0 : 1;
}
