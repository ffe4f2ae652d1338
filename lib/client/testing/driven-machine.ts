import { ApiError, StreamError, toProblem } from '@/lib/client/client-errors';
import type { StreamStateKind } from '@/lib/client/stream-state';
import {
  createMachine,
  type Machine,
  type Moment,
  type Step,
  type StreamerEvent,
  type StreamPolicy,
} from '@/lib/client/streamer-machine';
import { deadline, transition } from '@/lib/client/streamer-state';
import type { TransportEvent } from '@/lib/client/transport';
import { cursorAt, makeLines, RUN } from './fixtures';

const POLICY: StreamPolicy = { scope: 'run', filtered: false, maxReconnectAttempts: Number.POSITIVE_INFINITY };
const START = 1_000_000;

const moment = (now: number, change: Partial<Moment> = {}): Moment => ({ now, random: 0.5, online: true, ...change });

/** A machine that is driven by hand. */
export class Driven {
  machine: Machine;
  policy: StreamPolicy;
  now = START;
  online = true;
  last: Step['actions'] = [];

  constructor(policy: Partial<StreamPolicy> = {}, after?: string | number) {
    this.policy = { ...POLICY, ...policy };
    this.machine = createMachine(after);
  }

  get kind(): StreamStateKind {
    return this.machine.state.kind;
  }

  do(event: StreamerEvent): this {
    const step = transition(this.machine, event, this.policy, moment(this.now, { online: this.online }));
    this.machine = step.machine;
    this.last = step.actions;
    return this;
  }

  report(event: TransportEvent): this {
    return this.do({ ...event, attempt: this.machine.attempt });
  }

  later(ms: number): this {
    this.now += ms;
    return this;
  }

  /** Waits for the machine's own deadline. */
  due(): this {
    this.now = deadline(this.machine, this.policy) ?? this.now;
    return this.do({ type: 'tick' });
  }

  connected(last = 2, at = 0): this {
    const event = { cursor: cursorAt(at), job_run_id: RUN, status: 'running' as const, first: 1, last };
    return this.report({ type: 'connected', event });
  }

  types(): string[] {
    return this.last.map(({ type }) => type);
  }
}

export const lostError = new StreamError('connection', 'lost');
export const refusal = new ApiError(toProblem(404, undefined));
export const runEnd = (last: number): TransportEvent => ({
  type: 'run-end',
  event: { cursor: cursorAt(last, 1), job_run_id: RUN, status: 'completed', last },
});

/** A machine in each state, with line 2 of 2 (of 9 when catching up) received where it was connected. */
export const IN: Record<StreamStateKind, () => Driven> = {
  idle: () => new Driven(),
  connecting: () => new Driven().do({ type: 'connect' }),
  'catching-up': () =>
    IN.connecting()
      .connected(9)
      .report({ type: 'lines', lines: makeLines(1, 2) }),
  live: () =>
    IN.connecting()
      .connected()
      .report({ type: 'lines', lines: makeLines(1, 2) }),
  silent: () => IN.live().due(),
  reconnecting: () => IN.live().report({ type: 'closed', outcome: 'lost', error: lostError }),
  offline: () => {
    const driven = IN.live();
    driven.online = false;
    return driven.report({ type: 'closed', outcome: 'lost', error: lostError });
  },
  ended: () => IN.live().report(runEnd(2)),
  failed: () => IN.live().report({ type: 'closed', outcome: 'refused', error: refusal }),
};
