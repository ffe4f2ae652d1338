import { isatty } from 'node:tty';
import { BACKOFF_MAX_MS } from '@/lib/client/backoff';
import { resolveBaseUrl } from '@/lib/client/base-url';
import { LogStreamingService } from '@/lib/client/log-streaming-service';
import { type CliConfig, processEnvironment } from '@/lib/config/cli';
import type { LogMessage } from '@/lib/protocol/log-message';
import type { ResetEvent } from '@/lib/protocol/stream-events';
import { ConnectionNews } from './connection-news';
import { FdWriter } from './fd-writer';
import { LinePrinter } from './line-printer';
import { followLines } from './live-lines';
import type { LogsRequest } from './logs-request';
import { plainText } from './plain-text';
import { describeReadFailure } from './read-failure';
import { findReadingBounds } from './reading-bounds';
import { describeReset } from './reset-words';
import type { Patience } from './retrying';
import { readStoredLines } from './stored-lines';

/** For a server that goes away while what it stores is read; some 15 s on average. */
const PATIENCE: Patience = { attemptsMax: 6, demandMaxMs: BACKOFF_MAX_MS };
/** For one whose run is followed. */
const TIRELESS: Patience = { attemptsMax: Number.POSITIVE_INFINITY, demandMaxMs: Number.POSITIVE_INFINITY };
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
  const onReset = async (event: ResetEvent, last?: number) => {
    await stdout.write(Buffer.from(printer.breakOff()));
    say(describeReset(event, last));
  };
  let exitCode = 0;
  try {
    await printRun({ service, request, say, print, onReset });
  } catch (error) {
    const isWithheld = !isOurs && config.token !== undefined;
    const isAddressed = request.baseUrl !== undefined;
    const sentence = describeReadFailure(error, { baseUrl, isAddressed, isWithheld, lastPrinted });
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
  /** Lines are gone behind the last one that was printed. */
  onReset(event: ResetEvent, last?: number): Promise<void>;
}

/** Prints what is stored and, where the run is followed, what comes. Returns early where nobody takes lines any more. */
async function printRun({ service, request, say, print, onReset }: Printing): Promise<void> {
  const { runId, filter, start, follow } = request;
  const patience = follow ? TIRELESS : PATIENCE;
  const news = new ConnectionNews(service.baseUrl, say);
  const bounds = await findReadingBounds({ service, request, patience, news });
  if (bounds.removed !== undefined) say(bounds.removed);
  const { after, last } = bounds;
  const reading = { service, runId, filter, news, onReset };
  let cursor = '';
  for await (const page of readStoredLines({ ...reading, after, last, lines: start.lines, patience })) {
    if (!(await print(page.logs)) || page.hasEnded) return;
    ({ cursor } = page);
  }
  if (follow) await followLines({ ...reading, after: cursor, say, print });
}
