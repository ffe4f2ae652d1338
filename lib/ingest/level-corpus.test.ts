import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Level } from '@/lib/protocol/log-message';
import { corpusLines, corpusSkip } from '@/lib/terminal/testing/corpus';
import { detectLevel } from './detect-level';

/** Dozzle has two levels more, and shows a line without one as unknown, where ours is info. */
const FROM_DOZZLE: Record<string, Level> = { trace: 'debug', fatal: 'error', unknown: 'info' };

const DISAGREEMENTS: Record<string, Level> = {
  // Part of a name in the middle of a sentence: as likely to be about a test as a failure.
  'Some test with error-test': 'info',
  // No word of its own and no format of any logger; that Dozzle takes it for a warning is chance.
  'Warning0806 14:55:55.980915 not klog either': 'info',
};

test("agrees with Dozzle's cases but for two named ones", { skip: corpusSkip }, () => {
  for (const json of corpusLines('levels/dozzle-levels-shared.jsonl')) {
    const { line, level }: { line: string; level: string } = JSON.parse(json);
    const expected = DISAGREEMENTS[line] ?? FROM_DOZZLE[level] ?? level;
    assert.equal(detectLevel(line, 'stdout'), expected, line);
  }
});

/** Lines of real files by level: error, warn, debug; the rest is info. Counted by hand from each file's own levels. */
const FILES: Record<string, [error: number, warn: number, debug: number]> = {
  'formats/logfile_bunyan.0': [0, 0, 9],
  'formats/logfile_generic.0': [0, 1, 1],
  'formats/logfile_glog.0': [2, 1, 0],
  'formats/logfile_java.0': [0, 0, 0],
  'formats/logfile_journald.json': [1, 0, 0],
  'formats/logfile_json.json': [3, 1, 7],
  'formats/logfile_laravel.0': [82, 0, 0],
  'formats/logfile_leveltest.0': [1, 1, 4],
  'formats/logfile_logfmt.0': [2, 1, 0],
  'formats/logfile_pino.0': [0, 0, 0],
  'formats/logfile_postgres.0': [1, 0, 0],
  'formats/logfile_rust_tracing.0': [1, 1, 1],
  'formats/logfile_docker_compose.0': [0, 2, 0],
  'formats/logfile_strace_log.2': [0, 0, 0],
  'formats/logfile_with_zones.0': [0, 0, 0],
};

for (const [file, counts] of Object.entries(FILES)) {
  test(`${file} has the levels that its lines name`, { skip: corpusSkip }, () => {
    const levels = corpusLines(file).map((line) => detectLevel(line, 'stdout'));
    const count = (level: Level) => levels.filter((each) => each === level).length;
    assert.deepEqual([count('error'), count('warn'), count('debug')], counts);
  });
}

const PRINTED: Record<string, Level> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
  FATAL: 'error',
};

for (const file of ['mochitest-crash.log.gz', 'taskcluster-only.log.gz', 'reftest-fail.log.gz']) {
  test(`every line of ${file} with time and level has that level`, { skip: corpusSkip }, () => {
    let lines = 0;
    for (const line of corpusLines(`taskcluster/${file}`)) {
      const printed = /^(?:\[[^\]]*\] )?\d\d:\d\d:\d\d +([A-Z]+) - /.exec(line)?.[1];
      if (printed === undefined) continue;
      lines++;
      assert.equal(detectLevel(line, 'stdout'), PRINTED[printed], line);
    }
    assert.ok(lines > 1000);
  });
}

test('every JSON line of a test run has the level of its own member, read whole', { skip: corpusSkip }, () => {
  for (const line of corpusLines('taskcluster/plain-chunked_raw.log.gz')) {
    const { level }: { level?: string } = JSON.parse(line);
    assert.equal(detectLevel(line, 'stdout'), level === undefined ? 'info' : PRINTED[level.toUpperCase()], line);
  }
});
