import type { Level } from '@/lib/protocol/log-message';

const LEVEL_BY_NAME: ReadonlyMap<string, Level> = new Map([
  ['info', 'info'],
  ['error', 'error'],
  ['warn', 'warn'],
  ['debug', 'debug'],
  ['trace', 'debug'],
  ['verbose', 'debug'],
  ['silly', 'debug'],
  ['notice', 'info'],
  ['http', 'info'],
  ['warning', 'warn'],
  ['err', 'error'],
  ['fatal', 'error'],
  ['critical', 'error'],
  ['crit', 'error'],
  ['alert', 'error'],
  ['emerg', 'error'],
  ['panic', 'error'],
]);

const LEVEL_BY_PINO_NUMBER: ReadonlyMap<number, Level> = new Map([
  [10, 'debug'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'error'],
  [60, 'error'],
]);

/** The level that a producer's word names, in any case; undefined for a word that ingest refuses. */
export function levelFromName(name: string): Level | undefined {
  return LEVEL_BY_NAME.get(name) ?? LEVEL_BY_NAME.get(name.toLowerCase());
}

/** The level of one of pino's and bunyan's numbers (10, 20 … 60); undefined for any other. */
export function levelFromNumber(number: number): Level | undefined {
  return LEVEL_BY_PINO_NUMBER.get(number);
}
