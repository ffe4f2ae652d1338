/** Time as feed and transports see it, so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch, by a clock that never goes back: who sets the machine's clock moves no deadline. */
  now(): number;
  /** Calls once after `ms`; the returned function takes it back. Never keeps the process alive. */
  after(ms: number, call: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  after(ms, call) {
    const timer = setTimeout(call, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};
