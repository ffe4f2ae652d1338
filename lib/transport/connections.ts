import type { Connections, StreamStatus } from '@/lib/protocol/api';

export type TransportKind = keyof Connections;

/** How many streams are open on this node, by transport: the body of GET /logs/stream/status. */
export class ConnectionCounts {
  readonly #startedAtMs: number;
  readonly #now: () => number;
  readonly #global = noConnections();
  readonly #byRun = new Map<string, Connections>();
  readonly #listeners = new Set<() => void>();
  #isDraining = false;

  constructor(now: () => number) {
    this.#now = now;
    this.#startedAtMs = now();
  }

  /** Counts a stream of a run, or of all, until the returned function is called; a second call of that changes nothing. */
  open(kind: TransportKind, runId: string | undefined): () => void {
    const counts = this.#countsOf(runId);
    counts[kind] += 1;
    this.#changed();
    let isOpen = true;
    return () => {
      if (!isOpen) return;
      isOpen = false;
      counts[kind] -= 1;
      if (runId !== undefined && counts.websocket + counts.sse + counts.socketio === 0) this.#byRun.delete(runId);
      this.#changed();
    };
  }

  get isDraining(): boolean {
    return this.#isDraining;
  }

  drain(): void {
    this.#isDraining = true;
    this.#changed();
  }

  status(): StreamStatus {
    return {
      status: this.#isDraining ? 'draining' : 'active',
      connections: {
        global: { ...this.#global },
        jobs: Object.fromEntries([...this.#byRun].map(([id, counts]) => [id, { ...counts }])),
      },
      uptime_seconds: Math.floor((this.#now() - this.#startedAtMs) / 1000),
    };
  }

  /** Calls after each change until the returned function is called. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #countsOf(runId: string | undefined): Connections {
    if (runId === undefined) return this.#global;
    let counts = this.#byRun.get(runId);
    if (!counts) {
      counts = noConnections();
      this.#byRun.set(runId, counts);
    }
    return counts;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}

function noConnections(): Connections {
  return { websocket: 0, sse: 0, socketio: 0 };
}
