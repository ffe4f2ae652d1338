import { readCliConfig } from '@/lib/config/cli';
import { Logger } from '@/lib/logger/logger';

/** A worker that logs numbered lines for as long as it lives, and prints each that its Logger has taken. */

const LINES_MAX = 50_000;
const BURST = 7;
const [, , runId = ''] = process.argv;

const logger = new Logger({ ...readCliConfig(), jobName: 'worker', jobRunId: runId });
let index = 0;
const timer = setInterval(() => {
  for (let burst = 0; burst < BURST; burst++) {
    logger.info(`worker ${index} of a program`);
    process.stdout.write(`${index++}\n`);
  }
  if (index > LINES_MAX) clearInterval(timer);
}, 10);
