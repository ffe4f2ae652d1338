import fc from 'fast-check';

const NAMES = [
  ...['limit', 'offset', 'after', 'tail', 'at', 'wait', 'status', 'q', 'from', 'to', 'level', 'stream', 'case'],
  ...['task_run_id', 'task_name', 'attempt', 'format', 'date', 'lines', 'compress', 'inline', 'job_run_id', 'partial'],
  ...['buckets', 'context', 'traces', 'name', '__proto__', 'constructor', 'level[]', ''],
];
const number = fc.constantFrom(
  '0',
  '1',
  '-1',
  '1001',
  '25',
  '1e3',
  '0x10',
  '1.5',
  'NaN',
  'Infinity',
  '999999999999999',
  '9'.repeat(40),
  ' 1',
  '1\n',
);
const time = fc.constantFrom(
  '2024-01-15',
  '2024-02-30T00:00:00Z',
  '2024-01-15T10:30:45+99:99',
  '1705314645123',
  '1e15',
  '99999999999999999999',
  'now',
);
const cursor = fc.oneof(
  fc
    .tuple(
      fc.constantFrom('EPOCH', 'abc', '', 'ABC', '\u0000'),
      fc.constantFrom('r', 'g', 'x'),
      number,
      number,
      fc.option(number),
    )
    .map(([epoch, kind, key, line, ends]) => `${epoch}-${kind}${key}.${line}${ends === null ? '' : `.${ends}`}`),
  fc.constantFrom('0', '3', '4', '99', '-1', 'nonsense', '../..', 'null'),
);
const filter = fc
  .array(
    fc.constantFrom(
      '"',
      '\\',
      '/',
      '-',
      ':',
      'a',
      '(',
      ')',
      '[',
      ']',
      '{999}',
      '*',
      '+',
      ' ',
      'name:',
      '=',
      '\ud800',
      '\u0000',
      '.',
    ),
    { maxLength: 16 },
  )
  .map((parts) => parts.join(''));
const word = fc.oneof(
  fc.constantFrom(
    'error',
    'loud',
    'stdout',
    'raw',
    'gzip',
    'ndjson',
    '1-2',
    '2-1',
    '9-',
    'running',
    'a,b',
    ',',
    '%',
    '1',
    'TASK',
    'RUN',
    'x'.repeat(2000),
  ),
  fc.string({ unit: 'binary', maxLength: 20 }),
);
/** Names and values of a query. */
export const parameters = fc.array(fc.tuple(fc.constantFrom(...NAMES), fc.oneof(number, time, cursor, filter, word)), {
  maxLength: 4,
});
/** RUN and TASK stand for those that are there. */
export const someId = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('RUN', 'RUN', 'TASK') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }) },
);
/** Every address below the API's base that is read with GET; ID is one of the above. */
export const ADDRESSES = [
  'job-runs',
  'job-runs/ID',
  'task-runs',
  'task-runs/ID',
  'logs/job-runs/ID',
  'logs/job-runs/ID/download',
  'logs/job-runs/ID/facets',
  'logs/job-runs/ID/groups',
  'logs/job-runs/ID/search',
  'logs/job-runs/ID/volume',
  'logs/task-runs/ID',
  'logs/stream/status',
  'logs/stream/sse',
];
/** Event streams are opened by WebSocket too. */
export const address = fc.constantFrom(...ADDRESSES, 'logs/stream/sse');
