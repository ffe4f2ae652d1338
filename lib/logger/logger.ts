import { v7 as uuidv7 } from 'uuid';
import { isId } from '@/lib/protocol/ids';
import { LINE_BYTES_MAX } from '@/lib/protocol/limits';
import type { Level } from '@/lib/protocol/log-message';
import type { FinalStatus, Metadata } from '@/lib/protocol/run';
import { formatTimestamp } from '@/lib/protocol/timestamp';
import { ApiConnection } from './api-connection';
import { boundAttributes, jsonText } from './bound-attributes';
import { splitText } from './line-splitter';
import { Producer, type ProducerReport } from './producer';
import type { WireLine } from './wire-line';

const HEARTBEAT_SECONDS = 15;
const CLOSE_WAIT_MS = 10_000;

export interface LoggerOptions {
  /** The server. @defaultValue http://localhost:8080 */
  url?: string | undefined;
  token?: string | undefined;
  /** Where lines wait for a server that is away, also for a later process; absent: in memory alone, at most 8 MiB. */
  spoolDirectory?: string | undefined;
  /** Makes a run of this job. Absent: `jobRunId` is one that exists already, which this logger does not finish. */
  jobName?: string | undefined;
  /** The run's id. @defaultValue a new UUIDv7 */
  jobRunId?: string | undefined;
  triggeredBy?: string | undefined;
  metadata?: Metadata | undefined;
  /** How often a quiet run says that it lives. @defaultValue 15 */
  heartbeatSeconds?: number | undefined;
}

/** What a line says besides its text; values that are no scalars become JSON text. */
export type LineAttributes = Record<string, unknown>;

/** Writes lines at the four levels. Never throws and never waits: what cannot be sent waits in the spool. */
export interface LineLogger {
  debug(message: unknown, attributes?: LineAttributes): void;
  info(message: unknown, attributes?: LineAttributes): void;
  warn(message: unknown, attributes?: LineAttributes): void;
  error(message: unknown, attributes?: LineAttributes): void;
}

/** How a run or task ends. */
export interface Finish {
  /** @defaultValue completed */
  status?: FinalStatus | undefined;
  exitCode?: number | undefined;
}

/** The lines of one task. Asking for the same name again makes its next attempt. */
export interface TaskLogger extends LineLogger {
  readonly taskRunId: string;
  /** Marks the task as ended, after its lines so far. */
  finish(finish?: Finish): void;
}

/**
 * The logger of a worker: lines go to a run on a Stratal server, live and exactly once.
 *
 * @example
 * const logger = new Logger({ jobName: 'nightly-import' });
 * logger.info('import started', { rows: 1200 });
 * await logger.close();
 */
export class Logger implements LineLogger {
  readonly jobRunId: string;
  readonly #producer: Producer;
  readonly #api: ApiConnection;
  readonly #ownsRun: boolean;
  #closing: Promise<ProducerReport> | undefined;

  /** Throws a TypeError where neither `jobName` nor `jobRunId` is given, or `jobRunId` is no id. */
  constructor(options: LoggerOptions) {
    if (options.jobName === undefined && options.jobRunId === undefined) {
      throw new TypeError('A Logger needs jobName (for a new run) or jobRunId (of an existing one).');
    }
    if (options.jobRunId !== undefined && !isId(options.jobRunId)) {
      throw new TypeError('jobRunId must be 1 to 128 of A-Z a-z 0-9 . _ ~ -, beginning with a letter or digit.');
    }
    this.jobRunId = options.jobRunId ?? uuidv7();
    this.#ownsRun = options.jobName !== undefined;
    this.#api = new ApiConnection({ url: options.url ?? 'http://localhost:8080', token: options.token });
    const heartbeatSeconds = options.heartbeatSeconds ?? HEARTBEAT_SECONDS;
    const body: Metadata = {
      id: this.jobRunId,
      job_name: options.jobName ?? this.jobRunId,
      started_at: formatTimestamp(Date.now() * 1000),
      heartbeat_seconds: heartbeatSeconds,
    };
    if (options.triggeredBy !== undefined) body.triggered_by = options.triggeredBy;
    if (options.metadata !== undefined) body.metadata = options.metadata;
    this.#producer = new Producer({
      api: this.#api,
      spoolRoot: options.spoolDirectory,
      jobRunId: this.jobRunId,
      setup: this.#ownsRun ? [{ method: 'POST', path: '/job-runs', body }] : [],
      heartbeatMs: this.#ownsRun ? heartbeatSeconds * 1000 : undefined,
    });
    this.#producer.start();
  }

  debug(message: unknown, attributes?: LineAttributes): void {
    this.#write('debug', message, attributes);
  }

  info(message: unknown, attributes?: LineAttributes): void {
    this.#write('info', message, attributes);
  }

  warn(message: unknown, attributes?: LineAttributes): void {
    this.#write('warn', message, attributes);
  }

  error(message: unknown, attributes?: LineAttributes): void {
    this.#write('error', message, attributes);
  }

  /** A new attempt of the task of that name. */
  task(name: string): TaskLogger {
    const task = { id: uuidv7(), name: name.slice(0, 256) || 'task' };
    const body = { id: task.id, job_run_id: this.jobRunId, task_name: task.name };
    this.#producer.operate({ method: 'POST', path: '/task-runs', body });
    const at = (level: Level) => (message: unknown, attributes?: LineAttributes) =>
      this.#write(level, message, attributes, task);
    return {
      taskRunId: task.id,
      debug: at('debug'),
      info: at('info'),
      warn: at('warn'),
      error: at('error'),
      finish: (finish = {}) => {
        this.#producer.operate({ method: 'PATCH', path: `/task-runs/${task.id}`, body: toBody(finish) });
      },
    };
  }

  /** True when every line so far is stored; false where the server was not there within `waitMs`. */
  flush(waitMs: number = CLOSE_WAIT_MS): Promise<boolean> {
    return this.#producer.flush(waitMs);
  }

  /** Marks the run as ended, if this logger made it, and delivers the rest for at most `waitMs` (10 s unless given). */
  close(finish: Finish & { waitMs?: number | undefined } = {}): Promise<ProducerReport> {
    this.#closing ??= this.#close(finish, finish.waitMs ?? CLOSE_WAIT_MS);
    return this.#closing;
  }

  async #close(finish: Finish, waitMs: number): Promise<ProducerReport> {
    if (this.#ownsRun) {
      this.#producer.operate({ method: 'PATCH', path: `/job-runs/${this.jobRunId}`, body: toBody(finish) });
    }
    const report = await this.#producer.close(waitMs);
    this.#api.close();
    return report;
  }

  #write(level: Level, message: unknown, attributes?: LineAttributes, task?: WireLine['task']): void {
    if (this.#closing) return;
    try {
      const timeUs = this.#producer.nowUs();
      const parts = splitText(Buffer.from(toText(message)), LINE_BYTES_MAX);
      const last = parts.length - 1;
      const bounded = attributes && boundAttributes(attributes);
      this.#producer.write(
        parts.map((text, index) => ({
          timeUs,
          stream: level === 'error' ? 'stderr' : 'stdout',
          level,
          text,
          continues: index < last,
          attributes: index === 0 ? bounded : undefined,
          task,
        })),
      );
    } catch {
      // A message or attribute that throws when it is read is the program's own; logging it must not end the program.
    }
  }
}

function toBody(finish: Finish): Metadata {
  const body: Metadata = { status: finish.status ?? 'completed', finished_at: formatTimestamp(Date.now() * 1000) };
  if (finish.exitCode !== undefined) body.exit_code = finish.exitCode;
  return body;
}

function toText(message: unknown): string {
  if (typeof message === 'string') return message;
  if (message instanceof Error) return message.stack ?? message.message;
  return typeof message === 'object' ? jsonText(message) : String(message);
}
