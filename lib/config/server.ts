import path from 'node:path';
import { z } from 'zod';

/** The server's environment, parsed once. `.env.example` lists every variable. */

const MIB = 1024 * 1024;

const PORT_MAX = 65_535;
const port = wholeNumber(PORT_MAX, `must be a port: a whole number from 0 to ${PORT_MAX}, where 0 takes a free one`);
/** A year. */
const AGE_SECONDS_MAX = 31_536_000;
const ageSeconds = wholeNumber(AGE_SECONDS_MAX, 'must be whole seconds of at most a year; 0 is no limit');

/** A number written as digits alone: `0x50`, `1e3` and blanks are mistakes here. */
function wholeNumber(max: number, error: string) {
  return z
    .string()
    .regex(/^\d{1,10}$/, error)
    .transform(Number)
    .refine((value) => value <= max, error);
}

const sizeBytes = z.string().transform((text, context) => {
  const match = /^(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB)?$/.exec(text.trim());
  const factor = { B: 1, KiB: 1024, MiB: MIB, GiB: 1024 * MIB, TiB: 1024 * 1024 * MIB }[match?.[2] ?? 'B'];
  if (!match || factor === undefined) {
    context.addIssue({
      code: 'custom',
      message: 'must be a number of bytes, or one with KiB, MiB or GiB, such as 64MiB',
    });
    return z.NEVER;
  }
  return Math.round(Number(match[1]) * factor);
});
const DURATION_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
/** Longer than any log lives, and within what a timer or a column takes. */
const DURATION_MS_MAX = 100 * 366 * DURATION_MS.d;
const durationMs = (max: number) =>
  z.string().transform((text, context) => {
    const match = /^(\d{1,9})(s|m|h|d|w)$/.exec(text.trim());
    const unit = Object.entries(DURATION_MS).find(([name]) => name === match?.[2])?.[1] ?? 0;
    const ms = Number(match?.[1] ?? 0) * unit;
    if (ms > 0 && ms <= max) return ms;
    context.addIssue({
      code: 'custom',
      message: `must be a whole number with s, m, h, d or w, such as 30d, of at most ${max / DURATION_MS.d} d`,
    });
    return z.NEVER;
  });
/** A day: setInterval takes no more than 24 of them. */
const INTERVAL_MS_MAX = DURATION_MS.d;
const lineCount = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'must be a whole number of lines from 1')
  .transform(Number);
const baseUrl = z
  .url({ protocol: /^https?$/, error: 'must be an http or https URL, such as https://logs.example.org' })
  .refine(
    (text) => !URL.canParse(text) || /^\/?$/.test(new URL(text).pathname + new URL(text).search),
    'must be a host of its own, without a path, such as https://logs.example.org',
  );
const originList = z.string().transform((text, context) => {
  const origins: string[] = [];
  for (const part of text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')) {
    const parsed = URL.canParse(part) ? new URL(part) : undefined;
    if (!parsed || parsed.origin === 'null' || parsed.origin !== part.replace(/\/$/, '')) {
      context.addIssue({
        code: 'custom',
        message: `must be origins with commas between, such as https://ci.example.org; ${part} is none`,
      });
      return z.NEVER;
    }
    origins.push(parsed.origin);
  }
  return origins;
});

const serverEnvSchema = z.object({
  PORT: port.default(8080),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a URL that begins with postgres://' }).optional(),
  STRATAL_LISTEN_URL: z
    .url({ protocol: /^postgres(ql)?$/, error: 'must be a URL that begins with postgres://' })
    .optional(),
  STRATAL_DATA_DIR: z.string().min(1).default('./.stratal'),
  STRATAL_SAMPLE: z.enum(['on', 'off'], 'must be on or off').default('on'),
  STRATAL_SSE: z.enum(['direct', 'handler'], 'must be direct or handler').default('direct'),
  STRATAL_TAIL_BYTES: sizeBytes.default(64 * MIB),
  STRATAL_STREAM_MAX_AGE: ageSeconds.default(0),
  STRATAL_ALLOWED_ORIGINS: originList.default([]),
  STRATAL_BASE_URL: baseUrl.optional(),
  STRATAL_RETENTION_AGE: durationMs(DURATION_MS_MAX).optional(),
  STRATAL_RETENTION_BYTES: sizeBytes
    .refine((bytes) => bytes > 0, 'must be above 0; leave it out for no limit')
    .optional(),
  STRATAL_RETENTION_LINES: lineCount.optional(),
  STRATAL_RETENTION_INTERVAL: durationMs(INTERVAL_MS_MAX).default(60_000),
  STRATAL_DISK_RESERVE: sizeBytes.default(256 * MIB),
});

export interface ServerConfig {
  port: number;
  host: string;
  /** Absent: the embedded Postgres in `dataDir`. */
  databaseUrl: string | undefined;
  /** A direct connection for LISTEN where `databaseUrl` is a pooler's. */
  listenUrl: string | undefined;
  /** Absolute. */
  dataDir: string;
  sample: boolean;
  sse: 'direct' | 'handler';
  tailBytes: number;
  /** 0: no limit. */
  streamMaxAgeMs: number;
  allowedOrigins: readonly string[];
  baseUrl: string | undefined;
  /** What is kept of runs; each absent where there is no such limit. */
  retention: { ageMs: number | undefined; bytes: number | undefined; lines: number | undefined; intervalMs: number };
  /** Free space of the embedded database's file system below which nothing is taken; 0: not looked at. */
  diskReserveBytes: number;
  /** `next dev` instead of the build. */
  dev: boolean;
}

/** The environment as it is, for child processes of the server. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** A sentence per bad variable; the start stops with it. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** The server's configuration. Every violation is reported at once, as a ConfigError. */
export function readServerConfig(env: NodeJS.ProcessEnv = processEnvironment()): ServerConfig {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = serverEnvSchema.safeParse(given);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  }
  const { data } = parsed;
  return {
    port: data.PORT,
    host: data.HOST,
    databaseUrl: data.DATABASE_URL,
    listenUrl: data.STRATAL_LISTEN_URL,
    dataDir: path.resolve(data.STRATAL_DATA_DIR),
    sample: data.STRATAL_SAMPLE === 'on',
    sse: data.STRATAL_SSE,
    tailBytes: data.STRATAL_TAIL_BYTES,
    streamMaxAgeMs: data.STRATAL_STREAM_MAX_AGE * 1000,
    allowedOrigins: data.STRATAL_ALLOWED_ORIGINS,
    baseUrl: data.STRATAL_BASE_URL,
    retention: {
      ageMs: data.STRATAL_RETENTION_AGE,
      bytes: data.STRATAL_RETENTION_BYTES,
      lines: data.STRATAL_RETENTION_LINES,
      intervalMs: data.STRATAL_RETENTION_INTERVAL,
    },
    diskReserveBytes: data.STRATAL_DISK_RESERVE,
    dev: env.NODE_ENV !== 'production',
  };
}
