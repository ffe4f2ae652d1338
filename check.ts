import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { ConfigError, readServerConfig } from '@/lib/config/server';
import { isStratalError } from '@/lib/errors/stratal-error';
import { type CheckSummary, checkStore, describeSummary } from '@/lib/store/check/check-store';
import { adviceFor, describeFinding, type Finding, isNote } from '@/lib/store/check/finding';
import { replaceEpoch } from '@/lib/store/check/new-epoch';
import { withDatabase } from '@/lib/store/check/open-database';

/** What `stratal check` starts: apart from the command, which is installed where no Postgres is. */

const EXIT_CODE = { same: 0, differs: 1, cannot: 2 } as const;

const say = (sentence: string) => process.stderr.write(`stratal: ${sentence}\n`);
/** A folder's Postgres is started and stopped without a word; what is wrong is told. */
const log = { info: () => {}, warn: say, error: say };

async function main(signal: AbortSignal): Promise<number> {
  const { values: options } = parseArgs({
    options: { json: { type: 'boolean' }, 'new-epoch': { type: 'boolean' }, force: { type: 'boolean' } },
  });
  const config = readServerConfig();
  if (options['new-epoch']) {
    // Alone in an embedded folder, sessions are those of a server that was killed.
    const force = options.force === true || config.databaseUrl === undefined;
    await withDatabase(config, { log, alone: true }, (sql) => replaceEpoch(sql, force));
    process.stdout.write(
      'The store has a new epoch: readers that come with a cursor from before are told to begin anew (reset: epoch).\n',
    );
    return EXIT_CODE.same;
  }
  const output = options.json ? jsonOutput : textOutput;
  const check = (onFinding: (finding: Finding) => void) =>
    withDatabase(config, { log, alone: false }, (sql) => checkStore(sql, onFinding, signal));
  const summary = await check(output.finding);
  output.summary(summary);
  return summary.differences === 0 ? EXIT_CODE.same : EXIT_CODE.differs;
}

const textOutput = {
  finding: (finding: Finding) => process.stdout.write(`${describeFinding(finding)}\n`),
  summary: (summary: CheckSummary) => process.stdout.write(`${describeSummary(summary)}\n`),
};

/** One object a line: findings, then the summary. */
const jsonOutput = {
  finding: (finding: Finding) => {
    const { kind, run, sentence } = finding;
    const line = {
      kind,
      is_note: isNote(finding),
      job_run_id: run?.id,
      run_key: run?.key,
      sentence,
      advice: adviceFor(finding),
    };
    process.stdout.write(`${JSON.stringify(line)}\n`);
  },
  summary: (summary: CheckSummary) => process.stdout.write(`${JSON.stringify({ summary })}\n`),
};

function explain(error: unknown): string {
  if (error instanceof ConfigError || isStratalError(error)) return error.message;
  if (error instanceof Error && 'code' in error && error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// A Postgres that was started for the check is stopped before the end, also where a signal asks for it.
const stopping = new AbortController();
let stoppedBy = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stoppedBy = 128 + constants.signals[signal];
    stopping.abort();
  });
}
// Whoever read our output may go before we do.
process.stdout.on('error', () => stopping.abort());

main(stopping.signal).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    if (!stopping.signal.aborted) say(explain(error));
    process.exitCode = stoppedBy || EXIT_CODE.cannot;
  },
);
