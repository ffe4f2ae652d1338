import { isatty } from 'node:tty';
import { resolveBaseUrl } from '@/lib/client/base-url';
import { LogStreamingService } from '@/lib/client/log-streaming-service';
import { type CliConfig, processEnvironment } from '@/lib/config/cli';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { Run } from '@/lib/protocol/run';
import { ConnectionNews } from './connection-news';
import { FdWriter } from './fd-writer';
import { LinePrinter } from './line-printer';
import { followLines } from './live-lines';
import type { LogsRequest } from './logs-request';
import { plainText } from './plain-text';
import { describeReadFailure, NoSuchLines } from './read-failure';
import { readStoredLines } from './stored-lines';
import { findTailStart } from './tail-start';

/** Attempts in a row to reach a server that goes away while what it stores is read; some 15 s on average. */
const ATTEMPTS_MAX = 6;
const UNREADABLE = 1;

/** `stratal logs`: prints lines of a run and returns the exit code. */
export async function printLogs(request: LogsRequest, config: CliConfig): Promise<number> {
  const stdout = new FdWriter(1);
  const stderr = new FdWriter(2);
  let said = Promise.resolve();
  const say = (sentence: string) => {
    said = said.then(() => stderr.write(Buffer.from(`stratal: ${plainText(sentence)}\n`)));
  };
  const baseUrl = resolveBaseUrl(request.baseUrl ?? config.url);
  // The token is for one server: an address from elsewhere must not see it.
  const isOurs = baseUrl === resolveBaseUrl(config.url);
  const service = new LogStreamingService(baseUrl, isOurs && config.token !== undefined ? { token: config.token } : {});
  const printer = makePrinter(request);
  let lastPrinted: number | undefined;
  const print = async (logs: readonly LogMessage[]) => {
    await stdout.write(Buffer.from(logs.map((line) => printer.print(line)).join('')));
    lastPrinted = logs.at(-1)?.id ?? lastPrinted;
    return stdout.failure === undefined;
  };
  let exitCode = 0;
  try {
    await printRun({ service, request, say, print });
  } catch (error) {
    const isWithheld = !isOurs && config.token !== undefined;
    const sentence = describeReadFailure(error, { baseUrl, isWithheld, lastPrinted });
    if (sentence === undefined) throw error;
    say(sentence);
    exitCode = UNREADABLE;
  }
  // Who closes our stdout, as `head` does, has all that was wanted.
  if (stdout.failure && !stdout.isClosed) {
    say(`the lines could not be written: ${stdout.failure.message}`);
    exitCode = UNREADABLE;
  }
  await said;
  return exitCode;
}

function makePrinter({ format, color, filter }: LogsRequest): LinePrinter {
  const isTerminal = isatty(1);
  const wantsColor = !isTerminal || (processEnvironment().NO_COLOR ?? '') === '';
  const { level, from, to, q } = filter;
  const hasGaps = [level, from, to, q].some((value) => value !== undefined);
  return new LinePrinter({ ...format, isTerminal, color: color && wantsColor, hasGaps });
}

interface Printing {
  service: LogStreamingService;
  request: LogsRequest;
  say(sentence: string): void;
  print(logs: readonly LogMessage[]): Promise<boolean>;
}

/** Prints what is stored and, where the run is followed, what comes. Returns early where nobody takes lines any more. */
async function printRun({ service, request, say, print }: Printing): Promise<void> {
  const { filter, start, follow } = request;
  const run = await service.fetchRun(request.runId);
  const bounds = await boundsOf(service, request, run);
  if (bounds.removed !== undefined) say(bounds.removed);
  const news = new ConnectionNews(service.baseUrl, say);
  const reading = { service, runId: run.id, filter, news, say };
  let cursor = '';
  for await (const page of readStoredLines({
    ...reading,
    after: bounds.after,
    last: bounds.last,
    attemptsMax: follow ? Number.POSITIVE_INFINITY : ATTEMPTS_MAX,
  })) {
    const logs = start.lines ? page.logs.filter(({ id }) => id <= bounds.last) : page.logs;
    if (!(await print(logs)) || page.hasEnded) return;
    ({ cursor } = page);
  }
  if (follow) await followLines({ ...reading, after: cursor, print });
}

interface Bounds {
  after: number;
  last: number;
  /** Says what of the asked lines retention has taken. */
  removed?: string;
}

async function boundsOf(service: LogStreamingService, { filter, start }: LogsRequest, run: Run): Promise<Bounds> {
  const first = run.first_line;
  const last = first + run.line_count - 1;
  const { tail, after, lines } = start;
  if (tail !== undefined) {
    return { after: await findTailStart(service, { runId: run.id, filter, first, last, count: tail }), last };
  }
  const from = lines?.first ?? (after ?? 0) + 1;
  const has = last < first ? 'has no lines yet' : `has lines ${first} to ${last}`;
  if ((lines && (from > last || lines.last < first)) || (after !== undefined && after > last)) {
    throw new NoSuchLines(`Job run ${run.id} ${has}; ask for some of them.`);
  }
  const end = Math.min(lines?.last ?? last, last);
  if (from >= first) return { after: from - 1, last: end };
  const removed = from === first - 1 ? `line ${from} is gone` : `lines ${from} to ${first - 1} are gone`;
  return { after: first - 1, last: end, removed: `${removed}: retention removed what is older than line ${first}` };
}
