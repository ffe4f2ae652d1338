import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LineFilter } from './filter';
import { type FilterSource, formatFilter, parseFilter } from './filter-parse';
import { LEVELS, STREAMS } from './log-message';
import { TIME_US_MAX } from './timestamp';

function parse(source: FilterSource): LineFilter {
  const parsed = parseFilter(source);
  assert.ok(parsed.ok, parsed.ok ? '' : `${parsed.field}: ${parsed.detail}`);
  return parsed.filter;
}

describe('a filter of a URL', () => {
  it('reads comma sets and joins repeated parameters', () => {
    const filter = parse(new URLSearchParams('level=error,WARN&level=error&stream=stderr&attempt=1,2&attempt=3'));
    assert.deepEqual(filter, {
      levels: new Set(['error', 'warn']),
      streams: new Set(['stderr']),
      attempts: new Set([1, 2, 3]),
    });
  });

  it('restricts nothing by empty, absent and foreign parameters', () => {
    assert.deepEqual(parse(new URLSearchParams('level=&stream=,&q=&from=&case=&after=1&q=%20')), {});
    assert.deepEqual(parse({ level: undefined, stream: null, attempt: [], q: '' }), {});
    assert.deepEqual(parse(new URLSearchParams('case=1')), {});
  });

  it('folds ids as they are stored and keeps names as they are', () => {
    const id = '3F2504E0-4F89-11D3-9A0C-0305E82C3301';
    const filter = parse(new URLSearchParams({ task_run_id: `${id},Task-1`, task_name: 'Build,a\\,b,c\\d' }));
    assert.deepEqual(filter.taskRunIds, new Set([id.toLowerCase(), 'Task-1']));
    assert.deepEqual(filter.taskNames, new Set(['Build', 'a,b', 'c\\d']));
  });

  it('reads times in RFC 3339, with an unescaped plus, and as epoch milliseconds', () => {
    const at = Date.UTC(2024, 0, 15, 10, 30, 45, 123) * 1000;
    assert.equal(parse(new URLSearchParams('from=2024-01-15T10:30:45.123Z')).fromUs, at);
    assert.equal(parse(new URLSearchParams('from=2024-01-15T12:30:45.123+02:00')).fromUs, at);
    assert.equal(parse(new URLSearchParams('to=2024-01-15T12:30:45.123%2B02:00')).toUs, at);
    assert.equal(parse({ to: at / 1000 }).toUs, at);
    assert.equal(parse({ to: '1000.25' }).toUs, 1_000_250);
    assert.equal(parse({ from: '0' }).fromUs, 0);
  });

  it('compiles q with the case that case names', () => {
    assert.equal(parse({ q: 'Error' }).text?.matches('an error'), true);
    assert.equal(parse({ q: 'Error', case: '1' }).text?.matches('an error'), false);
    assert.equal(parse({ q: 'Error', case: true }).text?.matches('an error'), false);
    assert.equal(parse({ q: 'Error', case: '0' }).text?.matches('an error'), true);
    assert.equal(parse(new URLSearchParams('q=a&q=b')).text?.matches('xa'), false);
  });
});

describe('a bad parameter', () => {
  const cases: Array<[source: FilterSource, field: string, at?: number]> = [
    [{ level: 'loud' }, 'level'],
    [{ level: 'info,loud' }, 'level'],
    [{ stream: 'stdin' }, 'stream'],
    [{ attempt: '0' }, 'attempt'],
    [{ attempt: '1.5' }, 'attempt'],
    [{ attempt: [1, -1] }, 'attempt'],
    [{ attempt: '1e3' }, 'attempt'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2024-02-30T00:00:00Z' }, 'from'],
    [{ to: '-1' }, 'to'],
    [{ to: '99999999999999999' }, 'to'],
    [new URLSearchParams('from=1&from=2'), 'from'],
    [{ case: 'yes' }, 'case'],
    [{ q: 'ok /(/' }, 'q', 4],
    [{ q: 'ok "open' }, 'q', 3],
  ];

  for (const [source, field, at] of cases) {
    it(`is named: ${JSON.stringify(source)}`, () => {
      const parsed = parseFilter(source);
      assert.ok(!parsed.ok, 'accepted');
      assert.equal(parsed.field, field);
      assert.equal(parsed.at, at);
      assert.ok(parsed.detail.length > 0, 'no detail');
    });
  }
});

describe('any filter', () => {
  const setOf = <T>(items: fc.Arbitrary<T>) =>
    fc.option(fc.uniqueArray(items, { minLength: 1, maxLength: 4 }), { nil: undefined });
  const time = fc.option(fc.integer({ min: 0, max: TIME_US_MAX }), { nil: undefined });
  const filters = fc.record({
    levels: setOf(fc.constantFrom(...LEVELS)),
    streams: setOf(fc.constantFrom(...STREAMS)),
    taskRunIds: setOf(fc.stringMatching(/^[a-z0-9][a-z0-9._~-]{0,8}$/)),
    taskNames: setOf(fc.string({ unit: fc.constantFrom('a', ',', '\\', ' ', 'é'), minLength: 1, maxLength: 6 })),
    attempts: setOf(fc.integer({ min: 1, max: 1_000_000 })),
    fromUs: time,
    toUs: time,
    q: fc.option(fc.constantFrom('error', '"a b" -c', '/x+/ y:1'), { nil: undefined }),
    caseSensitive: fc.boolean(),
  });

  it('is the same after it was formatted and parsed', () => {
    fc.assert(
      fc.property(filters, ({ q, caseSensitive, ...parts }) => {
        const filter: LineFilter = {};
        if (parts.levels) filter.levels = new Set(parts.levels);
        if (parts.streams) filter.streams = new Set(parts.streams);
        if (parts.taskRunIds) filter.taskRunIds = new Set(parts.taskRunIds);
        if (parts.taskNames) filter.taskNames = new Set(parts.taskNames);
        if (parts.attempts) filter.attempts = new Set(parts.attempts);
        if (parts.fromUs !== undefined) filter.fromUs = parts.fromUs;
        if (parts.toUs !== undefined) filter.toUs = parts.toUs;
        const text = q === undefined ? undefined : parse({ q, case: caseSensitive }).text;
        const parameters = formatFilter(text ? { ...filter, text } : filter);
        const { text: textAgain, ...again } = parse(new URLSearchParams(parameters));
        assert.deepEqual(again, filter);
        assert.equal(textAgain?.source, q);
        assert.equal(textAgain?.caseSensitive, q === undefined ? undefined : caseSensitive);
      }),
    );
  });

  it('never makes the parser throw', () => {
    const value = fc.oneof(
      fc.string(),
      fc.double(),
      fc.boolean(),
      fc.array(fc.oneof(fc.string(), fc.integer())),
      fc.constant(null),
    );
    const names = fc.constantFrom(
      'level',
      'stream',
      'task_run_id',
      'task_name',
      'attempt',
      'from',
      'to',
      'q',
      'case',
      '__proto__',
    );
    fc.assert(fc.property(fc.dictionary(names, value), (source) => void parseFilter(source)));
    fc.assert(fc.property(fc.string(), (query) => void parseFilter(new URLSearchParams(query))));
  });
});
