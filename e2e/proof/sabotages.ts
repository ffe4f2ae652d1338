import type { Sabotage } from './sabotage';

/** A message with this in it is in the one batch whose commit fails where a sabotage wants that. */
export const FAILING_COMMIT = 'the commit of this one may fail';

const APPEND = 'lib/store/append.ts';
const APPEND_QUEUE = 'lib/ingest/append-queue.ts';
const BODY_DECODE = 'lib/ingest/body-decode.ts';
const INGEST_LOGS = 'lib/ingest/ingest-logs.ts';
const DECODE_LINE = 'lib/ingest/decode-line.ts';
const LINE_BATCH = 'lib/store/line-batch.ts';
const RUN_START = 'lib/transport/run-start.ts';
const GLOBAL_START = 'lib/transport/global-start.ts';
const SESSION = 'lib/transport/session.ts';

/** For each promise at least one way to break it. Each breaks that promise alone, so that the checker has to tell them apart. */
export const SABOTAGES: readonly Sabotage[] = [
  {
    promise: 1,
    title: 'publishes lines whose commit then fails',
    patches: [
      { file: APPEND, find: `op?.kind === 'lines' &&`, replace: 'false &&' },
      {
        file: APPEND,
        find: `const [row] = await sql\`
      select stratal_append(\${JSON.stringify(sources)}::text::jsonb, \${JSON.stringify(group.steps)}::text::jsonb, \${group.blob}) as result
    \`;`,
        replace: `let row: any;
          const call = (on: any) => on\`select stratal_append(\${JSON.stringify(sources)}::text::jsonb, \${JSON.stringify(group.steps)}::text::jsonb, \${group.blob}) as result\`;
          const fails = ops.some((op) => op.kind === 'lines' && op.lines.some((line) => line.message.includes('${FAILING_COMMIT}')));
          (globalThis as any).commitFailed = fails;
          if (!fails) [row] = await call(sql);
          else await sql.begin(async (on: any) => { [row] = await call(on); throw new Error('fails'); }).catch(() => {});`,
      },
      {
        file: APPEND_QUEUE,
        find: 'const committed = result;',
        replace: 'const committed = result; const failed = (globalThis as any).commitFailed;',
      },
      {
        file: APPEND_QUEUE,
        find: 'plan.settle(committed.outcomes);',
        replace: `if (failed) for (const entry of group) entry.settle.reject(new Error('the commit failed'));
          else plan.settle(committed.outcomes);`,
      },
    ],
  },
  {
    promise: 1,
    title: 'acknowledges lines that it does not store',
    patches: [
      {
        file: APPEND_QUEUE,
        find: 'if (next > current) {',
        replace: `if (lines.some((line) => line.parts[0]?.message.includes('${FAILING_COMMIT}'))) {
          if (!this.#expected.has(source)) this.#expected.set(source, current);
          this.#next.set(source, next);
        } else if (next > current) {`,
      },
    ],
  },
  {
    promise: 2,
    title: 'skips a number',
    patches: [
      {
        file: LINE_BATCH,
        find: `{"id":\${this.firstLine + index}`,
        replace: `{"id":\${this.firstLine + index + (this.firstLine + index > 300 ? 1 : 0)}`,
      },
      {
        file: LINE_BATCH,
        find: 'id: this.firstLine + index,',
        replace: 'id: this.firstLine + index + (this.firstLine + index > 300 ? 1 : 0),',
      },
    ],
  },
  {
    promise: 3,
    title: 'drops a line when a reader resumes',
    patches: [
      {
        file: RUN_START,
        find: 'return resume(feed, run, { line: cursor.line, ends: cursor.ends });',
        replace: 'return resume(feed, run, { line: Math.min(cursor.line + 1, run.head.lastLine), ends: cursor.ends });',
      },
    ],
  },
  {
    promise: 3,
    title: 'sends a line twice when a reader resumes',
    patches: [
      {
        file: RUN_START,
        find: 'return resume(feed, run, { line: cursor.line, ends: cursor.ends });',
        replace: 'return resume(feed, run, { line: Math.max(cursor.line - 1, 0), ends: undefined });',
      },
    ],
  },
  {
    promise: 3,
    title: 'goes on at the head when a reader of the global stream resumes',
    patches: [
      {
        file: GLOBAL_START,
        find: 'return startAt(feed, presented.cursor);',
        replace: 'return startAt(feed, atHead(head));',
      },
    ],
  },
  {
    promise: 4,
    title: 'drops lines of a slow reader',
    patches: [
      {
        file: SESSION,
        find: 'if (this.#sink.unsentBytes > this.#sink.lowWaterBytes) this.#block();',
        replace: `if (this.#sink.unsentBytes > this.#sink.lowWaterBytes) {
          const step = this.#reader.next();
          if (step.kind === 'lines') this.#reader.passLines(step.to - step.from);
          this.#block();
        }`,
      },
    ],
  },
  {
    promise: 4,
    title: 'sends on although the reader takes nothing',
    patches: [
      {
        file: SESSION,
        find: 'if (this.#sink.unsentBytes > this.#sink.lowWaterBytes) this.#block();',
        replace: 'if (this.#sink.unsentBytes > Number.MAX_SAFE_INTEGER) this.#block();',
      },
      {
        file: SESSION,
        find: 'const room = Math.min(WRITE_BYTES, READER_HIGH_WATER_BYTES - this.#sink.unsentBytes);',
        replace: 'const room = WRITE_BYTES;',
      },
    ],
  },
  {
    promise: 5,
    title: 'stores a repeated batch again',
    patches: [
      { file: APPEND_QUEUE, find: 'Math.min(lines.length, current - position)', replace: '0' },
      { file: APPEND_QUEUE, find: 'if (next > current) {', replace: 'if (lines.length > 0) {' },
    ],
  },
  {
    promise: 6,
    title: 'stores what follows a bad line',
    patches: [
      {
        file: BODY_DECODE,
        find: 'if (!decoded.ok) return { lines, error: badLine(number, decoded.field, decoded.detail) };',
        replace: `if (!decoded.ok) {
          later ??= badLine(number, decoded.field, decoded.detail);
          continue;
        }`,
      },
      {
        file: BODY_DECODE,
        find: 'const nowUs = Date.now() * 1000;',
        replace: 'const nowUs = Date.now() * 1000; let later: any;',
      },
      { file: BODY_DECODE, find: '    return { lines };', replace: '    return { lines, error: later };' },
    ],
  },
  {
    promise: 6,
    title: 'does not say which line and field is bad',
    patches: [{ file: BODY_DECODE, find: 'members: { line, field },', replace: 'members: {},' }],
  },
  {
    promise: 7,
    title: 'cuts a long line instead of splitting it',
    patches: [{ file: DECODE_LINE, find: ': splitMessage(message),', replace: ': splitMessage(message).slice(0, 1),' }],
  },
  {
    promise: 7,
    title: 'splits a long line and does not say so',
    patches: [{ file: INGEST_LOGS, find: 'continues: index < last || continues,', replace: 'continues,' }],
  },
];
