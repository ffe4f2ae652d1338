import { constants, userInfo } from 'node:os';
import { type CliConfig, processEnvironment } from '@/lib/config/cli';
import { ApiConnection } from '@/lib/logger/api-connection';
import { MicrosecondClock } from '@/lib/logger/microsecond-clock';
import { Producer } from '@/lib/logger/producer';
import { runPagePath } from '@/lib/protocol/run-page-path';
import { commandEnvironment } from './command-environment';
import { type CommandExit, type CommandProcess, exitCodeOf, unstartable } from './command-process';
import { FdWriter } from './fd-writer';
import { whyUnstartable } from './find-command';
import { type CapturedOutputs, CaptureFilter, findMark, makeCapture } from './nested-output';
import { OutputRelay } from './output-relay';
import { startOnPipes } from './pipe-process';
import { describeProducerEnd, describeWaitingSpool } from './reports';
import { describeCommand, describeGit } from './run-metadata';
import { planRun } from './run-plan';
import type { RunRequest } from './run-request';
import { forwardSignals } from './signal-forwarding';
import { startOnTerminal } from './terminal-process';

/** How long a process that the command left behind may be silent before its output is no longer waited for. */
const LEFT_BEHIND_MS = 5000;
/** From when on we say that we are waiting for the server. */
const PATIENCE_MS = 1000;

/** `stratal run`: runs the command and returns the exit code that its caller gets. */
export async function runCommand(request: RunRequest, config: CliConfig): Promise<number> {
  const environment = processEnvironment();
  const stdout = new FdWriter(1, findMark(environment.STRATAL_CAPTURE, request.jobRun, 1));
  const stderr = new FdWriter(2, findMark(environment.STRATAL_CAPTURE, request.jobRun, 2));
  let said = Promise.resolve();
  const say = (sentence: string) => {
    said = said.then(() => stderr.write(Buffer.from(`stratal: ${sentence}\n`)));
    return said;
  };
  const plan = planRun(request, new MicrosecondClock().now(), request.triggeredBy ?? userName());
  await say(`${config.url}${runPagePath(plan.jobRunId)}`);

  const words = [request.command, ...request.args];
  const metadata = describeCommand(words);
  const api = new ApiConnection(config);
  const producer = new Producer({
    api,
    spoolRoot: config.spoolDirectory,
    jobRunId: plan.jobRunId,
    taskRunId: plan.taskRunId,
    setup: plan.setup(metadata),
    heartbeatMs: plan.heartbeatMs,
    onWaitingSpool: (report) => {
      const sentence = describeWaitingSpool(report);
      if (report.end === 'delivered' && sentence !== undefined) void say(sentence);
    },
  });

  let running: CommandProcess | undefined;
  const ended = new AbortController();
  const stopWaiting = new AbortController();
  forwardSignals((signal, reachesCommand) => {
    if (ended.signal.aborted) stopWaiting.abort();
    else if (!reachesCommand || request.tty) running?.kill(signal);
  });

  const capture = makeCapture(plan.jobRunId);
  const start = async (): Promise<CommandProcess | CommandExit> => {
    const problem = whyUnstartable(request.command, environment.PATH);
    if (problem) return problem;
    const command = {
      command: request.command,
      args: request.args,
      environment: (outputs: CapturedOutputs) =>
        commandEnvironment(environment, {
          url: config.url,
          jobRunId: plan.jobRunId,
          taskRunId: plan.taskRunId,
          onPipes: !request.tty,
          capture: capture.announce(outputs),
        }),
    };
    return request.tty ? await startOnTerminal(command) : startOnPipes({ ...command, merge: request.merge });
  };
  const started = await start().catch((error: NodeJS.ErrnoException) => unstartable(request.command, error));
  const delivering = describeGit(environment).then((git) => producer.start(plan.setup({ ...metadata, ...git })));

  let exit: CommandExit;
  if ('outputs' in started) {
    running = started;
    const relays = started.outputs.map((output) => {
      const writer = output.stream === 'stdout' ? stdout : stderr;
      return new OutputRelay(output, writer, producer.capture(output.stream), new CaptureFilter(capture.mark));
    });
    exit = await started.exit;
    const drained = await Promise.all(relays.map((relay) => relay.drain(LEFT_BEHIND_MS)));
    if (drained.includes(false))
      await say('a process that the command left behind goes on; its output is no longer logged');
  } else {
    exit = started;
  }
  ended.abort();
  if (exit.kind === 'unstartable') {
    const lines = producer.capture('stderr');
    lines.write(Buffer.from(`stratal: ${exit.reason}\n`));
    lines.end();
    await say(exit.reason);
  }
  if (stdout.failure && !stdout.isClosed) await say(`stdout was not passed on to its end: ${stdout.failure.message}`);

  const timeUs = producer.nowUs();
  for (const operation of plan.finish(exit, { timeUs, droppedLines: producer.droppedLines }))
    producer.operate(operation);
  await delivering;
  const seconds = request.waitMs / 1000;
  const patience = setTimeout(() => {
    void say(`waiting up to ${seconds} s for ${config.url} (${producer.trouble ?? 'it is busy'})`);
  }, PATIENCE_MS);
  const report = await producer.close(request.waitMs, stopWaiting.signal);
  clearTimeout(patience);
  for (const sentence of describeProducerEnd(report, config.url)) await say(sentence);
  await said;
  api.close();
  return exitCodeOf(exit, constants.signals);
}

function userName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
