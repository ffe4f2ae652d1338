import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatRunCursor, parseCursor } from '@/lib/protocol/cursor';
import type { LogMessage } from '@/lib/protocol/log-message';
import { createMachine, isOpen, type Machine, type StreamerEvent, type StreamPolicy } from './streamer-machine';
import { deadline, transition } from './streamer-state';
import { lostError } from './testing/driven-machine';
import { makeLine, RUN, RUN_KEY } from './testing/fixtures';
import type { TransportEvent } from './transport';

/**
 * A model of server, network and program around the real state machine. Whatever they do in whatever order, the program's
 * transcript is the log: from reset to reset each line once and in order, and at the end all of it.
 *
 * How to extend: add a command to `COMMANDS` and its meaning to `World.run`; what it breaks must show in `check`.
 */
const COMMANDS = [
  'append',
  'send',
  'repeat',
  'skip',
  'garble',
  'drop',
  'farewell',
  'stale',
  'time',
  'wake',
  'end',
  'swallow',
] as const;
const RARE = ['truncate', 'restore', 'resume', 'disconnect', 'leave', 'connect', 'progress', 'offline'] as const;
type Command = { name: (typeof COMMANDS)[number] | (typeof RARE)[number]; size: number };

/** Where a stretch without reset begins, and what came in it. */
interface Stretch {
  epoch: string;
  after: number;
  lines: LogMessage[];
}

class World {
  readonly policy: StreamPolicy = { scope: 'run', filtered: false, maxReconnectAttempts: Number.POSITIVE_INFINITY };
  machine: Machine = createMachine();
  now = 1_000_000;
  online = true;
  /** The server: a log that only grows at its end, loses at its start, or is replaced. */
  epochs = 1;
  first = 1;
  last = 0;
  ends = 0;
  isEnded = false;
  /** The open connection: the newest line it sent. */
  sent: number | undefined;
  /** The program. */
  transcript: Stretch[] = [{ epoch: 'e1', after: 0, lines: [] }];
  /** Lines that could not be read when they were sent. */
  garbled = new Set<string>();
  /** The program leaves after so many lines of the next batch. */
  leaveAfter: number | undefined;

  get epoch(): string {
    return `e${this.epochs}`;
  }

  cursor(line: number, ends?: number): string {
    return formatRunCursor(this.epoch, RUN_KEY, line, ends);
  }

  line(id: number): LogMessage {
    return makeLine(id, { message: `${this.epoch}:${id}` });
  }

  lines(from: number, to: number): LogMessage[] {
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => this.line(from + index));
  }

  do(event: StreamerEvent): void {
    const moment = { now: this.now, random: 0.5, online: this.online };
    const step = transition(this.machine, event, this.policy, moment);
    this.machine = step.machine;
    for (const action of step.actions) {
      if (action.type === 'open') this.accept(action.start.after);
      if (action.type === 'close') this.sent = undefined;
      if (action.type === 'deliver') this.take(action.lines);
      if (action.type === 'reset') {
        const cursor = parseCursor(action.event.cursor);
        assert.ok(cursor?.kind === 'run');
        this.transcript.push({ epoch: cursor.epoch, after: cursor.line, lines: [] });
      }
    }
    if (!isOpen(this.machine.state.kind)) this.sent = undefined;
  }

  report(event: TransportEvent): void {
    this.do({ ...event, attempt: this.machine.attempt });
  }

  take(lines: readonly LogMessage[]): void {
    const kept = this.leaveAfter === undefined ? lines : lines.slice(0, this.leaveAfter);
    this.transcript.at(-1)?.lines.push(...kept);
    const last = kept.at(-1);
    if (this.leaveAfter === undefined || !last || kept.length === lines.length) return;
    this.leaveAfter = undefined;
    const known = parseCursor(this.machine.state.cursor ?? '');
    const epoch = known?.kind === 'run' ? known.epoch : this.epoch;
    this.do({ type: 'disconnect', at: { cursor: formatRunCursor(epoch, RUN_KEY, last.id), line: last.id } });
  }

  /** The server's answer to a connection. */
  accept(after: string | undefined): void {
    const cursor = after === undefined ? undefined : parseCursor(after);
    const from = cursor?.kind === 'run' ? cursor : { epoch: this.epoch, line: this.first - 1, ends: undefined };
    const reason = from.epoch !== this.epoch ? 'epoch' : from.line < this.first - 1 ? 'truncated' : undefined;
    const start = reason === undefined ? from.line : this.first - 1;
    this.sent = start;
    const status = this.isEnded ? ('completed' as const) : ('running' as const);
    const place = { cursor: this.cursor(start, reason ? undefined : from.ends), first: this.first, last: this.last };
    if (reason === undefined && this.isEnded && from.ends === this.ends) {
      this.report({ type: 'closed', outcome: 'ended' });
      return;
    }
    if (reason !== undefined) this.report({ type: 'reset', event: { ...place, reason } });
    this.report({ type: 'connected', event: { ...place, job_run_id: RUN, status } });
  }

  /** Sends up to `count` further lines; `from` moves the beginning, back or on. */
  send(count: number, from?: number): void {
    if (this.sent === undefined) return;
    const begin = Math.max(this.first, from ?? this.sent + 1);
    const end = Math.min(this.last, begin + count - 1);
    if (end < begin) return;
    this.sent = end;
    const lines = this.lines(begin, end);
    this.report(count % 2 === 0 ? { type: 'lines', lines } : { type: 'lines', lines, cursor: this.cursor(end) });
  }

  sendEnd(): void {
    if (this.sent !== this.last || !this.isEnded) return;
    const cursor = this.cursor(this.last, this.ends);
    this.report({ type: 'run-end', event: { cursor, job_run_id: RUN, status: 'completed', last: this.last } });
  }

  run({ name, size }: Command): void {
    switch (name) {
      case 'append':
        this.last += size;
        this.isEnded = false;
        break;
      case 'send':
        this.send(size);
        this.sendEnd();
        break;
      case 'repeat':
        if (this.sent !== undefined) this.send(size + 1, this.sent + 1 - size);
        break;
      case 'skip':
        if (this.sent !== undefined) this.send(1, this.sent + 1 + size);
        break;
      case 'swallow':
        if (this.sent !== undefined) this.sent = Math.min(this.last, this.sent + size);
        break;
      case 'garble': {
        if (this.sent === undefined || this.sent >= this.last) break;
        this.sent += 1;
        this.garbled.add(`${this.epoch}:${this.sent}`);
        this.report({ type: 'malformed', error: lostError, lines: 1 });
        break;
      }
      case 'drop':
        if (this.sent !== undefined) this.report({ type: 'closed', outcome: 'lost', error: lostError });
        break;
      case 'farewell':
        if (this.sent !== undefined) this.report({ type: 'closed', outcome: size % 2 ? 'lost' : 'ended' });
        break;
      case 'stale':
        this.do({
          type: 'lines',
          lines: this.lines(this.last + 1, this.last + size),
          attempt: this.machine.attempt - 1,
        });
        break;
      case 'time':
        this.now = size % 3 === 0 ? (deadline(this.machine, this.policy) ?? this.now) : this.now + size * 500;
        this.do({ type: 'tick' });
        break;
      case 'wake':
        this.do({ type: 'wake' });
        break;
      case 'truncate':
        this.truncate(Math.min(this.last + 1, this.first + size));
        break;
      case 'restore':
        this.epochs += 1;
        this.first = 1;
        this.last = size;
        this.isEnded = false;
        if (this.sent !== undefined) this.report({ type: 'closed', outcome: 'lost' });
        break;
      case 'end':
        if (!this.isEnded) this.ends += 1;
        this.isEnded = true;
        break;
      case 'resume':
        this.isEnded = false;
        break;
      case 'disconnect':
        this.do({ type: 'disconnect' });
        break;
      case 'leave':
        this.leaveAfter = size;
        break;
      case 'connect':
        this.do({ type: 'connect' });
        break;
      case 'progress':
        this.heartbeat();
        break;
      case 'offline':
        this.online = !this.online;
        break;
    }
  }

  /** Retention takes the oldest lines; a connected reader that has not come so far is told. */
  truncate(first: number): void {
    this.first = first;
    if (this.sent === undefined || this.sent >= first - 1) return;
    this.sent = first - 1;
    const cursor = this.cursor(first - 1);
    this.report({ type: 'reset', event: { cursor, reason: 'truncated', first, last: this.last } });
  }

  heartbeat(): void {
    if (this.sent === undefined) return;
    this.report({ type: 'progress', event: { cursor: this.cursor(this.sent), last: this.last, at: 'now' } });
  }

  /** From now on everything works. */
  finish(): void {
    this.leaveAfter = undefined;
    this.online = true;
    for (let rounds = 0; rounds < 20; rounds += 1) {
      this.do({ type: 'connect' });
      this.send(1000);
      this.heartbeat();
    }
  }

  /** @param isFinished everything must have come */
  check(isFinished: boolean): void {
    for (const [index, { epoch, after, lines }] of this.transcript.entries()) {
      let expected = after + 1;
      for (const { id, message } of lines) {
        while (expected < id && this.garbled.has(`${epoch}:${expected}`)) expected += 1;
        assert.equal(message, `${epoch}:${expected}`, 'each line once, in order, of the log that was last named');
        expected += 1;
      }
      if (!isFinished || index < this.transcript.length - 1) continue;
      while (this.garbled.has(`${epoch}:${expected}`)) expected += 1;
      assert.equal(epoch, this.epoch);
      assert.equal(expected, this.last + 1, 'nothing is missing at the end');
    }
  }
}

const command: fc.Arbitrary<Command> = fc.record({
  name: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('append' as const, 'send' as const, 'connect' as const) },
    { weight: 4, arbitrary: fc.constantFrom(...COMMANDS) },
    { weight: 1, arbitrary: fc.constantFrom(...RARE) },
  ),
  size: fc.integer({ min: 1, max: 9 }),
});

test('whatever servers, networks and programs do, each line arrives once and in order, and in the end all of them', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
      const world = new World();
      world.do({ type: 'connect' });
      for (const next of commands) {
        world.run(next);
        world.check(false);
      }
      world.finish();
      world.check(true);
    }),
    { numRuns: 500 },
  );
});
