import assert from 'node:assert/strict';
import { after, before, type TestContext } from 'node:test';
import { createRun, finishRun, type PostedLine, postLines } from '@/e2e/rest-client';
import { type StartOptions, StratalServer } from '@/e2e/stratal-server';
import { type CommandOptions, type RunningCommand, startStratal } from './stratal-command';

/** The built server for a file's tests, and `stratal logs` as a process of its own that reads from it. */
export function useLogsBench(options: StartOptions = {}) {
  let server: StratalServer | undefined;
  before(async () => {
    server = await StratalServer.start(options);
  });
  after(() => server?.close());

  const running = (): StratalServer => {
    if (!server) throw new Error('there is no server yet');
    return server;
  };
  const start = (context: TestContext, args: string[], command?: CommandOptions): RunningCommand => {
    const { NO_COLOR, FORCE_COLOR, ...environment } = process.env;
    return startStratal(context, { ...environment, STRATAL_URL: running().url }, ['logs', ...args], command);
  };
  return {
    get server(): StratalServer {
      return running();
    },
    get url(): string {
      return running().url;
    },
    start,
    /** What a reading to the end prints, line by line. */
    linesOf: async (context: TestContext, ...args: string[]): Promise<string[]> => {
      const { code, stdout, stderr } = await start(context, args).result;
      assert.deepEqual([code, stderr], [0, '']);
      return stdout.toString().split('\n').slice(0, -1);
    },
    /** How a command ends that prints nothing. */
    refusal: async (context: TestContext, ...args: string[]) => {
      const { code, stdout, stderr } = await start(context, args).result;
      assert.equal(stdout.toString(), '');
      return { code, stderr };
    },
    /** A run with these lines behind its first one, ended. */
    makeRun: async (id: string, lines: ReadonlyArray<PostedLine | string>): Promise<void> => {
      await createRun(running().url, id);
      for (let from = 0; from < lines.length; from += 1000) {
        await postLines(running().url, id, lines.slice(from, from + 1000));
      }
      await finishRun(running().url, id);
    },
  };
}

export const STARTED = 'Job run started';
export const COMPLETED = 'Job run completed';

export const numbered = (count: number, from = 1) =>
  Array.from({ length: count }, (_, index) => `line ${from + index}`);
