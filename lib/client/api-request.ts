import type { z } from 'zod';
import { PROBLEM_TYPE } from '@/lib/protocol/problem';
import { ApiError, StreamError, toProblem } from './client-errors';
import type { ConnectionOptions } from './stream-options';

export interface RequestOptions {
  signal?: AbortSignal;
}

/** The headers of a request: the caller's own and the token. */
export function requestHeaders(connection: ConnectionOptions): Record<string, string> {
  const { token, headers = {} } = connection;
  return token === undefined ? { ...headers } : { ...headers, Authorization: `Bearer ${token}` };
}

/**
 * A GET whose JSON answer fits `schema`. Throws ApiError where the server answered with an error, StreamError where
 * it was not reached or its answer could not be read, and the signal's reason when aborted.
 */
export async function getJson<T>(
  url: string,
  schema: z.ZodType<T>,
  connection: ConnectionOptions,
  { signal }: RequestOptions = {},
): Promise<T> {
  const response = await send(url, connection, 'application/json', signal);
  const parsed = schema.safeParse(await readJson(response));
  signal?.throwIfAborted();
  if (parsed.success) return parsed.data;
  throw new StreamError('malformed', `The answer of ${url} could not be read.`, parsed.error);
}

/**
 * A GET whose answer is NDJSON, line by line as it arrives; errors as in `getJson`. An answer that breaks off throws
 * StreamError; leaving the loop closes the connection.
 */
export async function* getJsonLines<T>(
  url: string,
  schema: z.ZodType<T>,
  connection: ConnectionOptions,
  { signal }: RequestOptions = {},
): AsyncGenerator<T> {
  const response = await send(url, connection, 'application/x-ndjson', signal);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const piece = await readPiece(reader, url, signal);
      if (piece === undefined) break;
      const lines = (rest + piece).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) yield parseLine(line, schema, url);
    }
    if (rest !== '') yield parseLine(rest, schema, url);
  } finally {
    // Whoever leaves early must not keep the server at work.
    reader?.cancel().catch(() => undefined);
  }
}

async function readPiece(
  reader: ReadableStreamDefaultReader<string> | undefined,
  url: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    return done ? undefined : value;
  } catch (error) {
    signal?.throwIfAborted();
    throw new StreamError('connection', `The answer of ${new URL(url).origin} broke off.`, error);
  }
}

function parseLine<T>(line: string, schema: z.ZodType<T>, url: string): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new StreamError('malformed', `The answer of ${url} could not be read.`, error);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new StreamError('malformed', `The answer of ${url} could not be read.`, parsed.error);
}

/** A GET that was answered with a status of 2xx; errors as in `getJson`. */
async function send(
  url: string,
  connection: ConnectionOptions,
  accept: string,
  signal?: AbortSignal,
): Promise<Response> {
  const request = connection.fetch ?? fetch;
  const headers = { Accept: `${accept}, ${PROBLEM_TYPE}`, ...requestHeaders(connection) };
  let response: Response;
  try {
    response = await request(url, { headers, cache: 'no-store', ...(signal ? { signal } : {}) });
  } catch (error) {
    signal?.throwIfAborted();
    throw new StreamError('connection', `The server at ${new URL(url).origin} did not answer.`, error);
  }
  if (!response.ok) throw await toApiError(response);
  return response;
}

/** The error that an answer with another status than 2xx stands for. */
export async function toApiError(response: Response): Promise<ApiError> {
  const retryAfterMs = parseRetryAfter(response.headers.get('retry-after'), Date.now());
  return new ApiError(toProblem(response.status, await readJson(response)), { retryAfterMs });
}

/** Milliseconds of a Retry-After header, which is seconds or a date (RFC 9110 §10.2.3); undefined for anything else. */
export function parseRetryAfter(text: string | null, now: number): number | undefined {
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text.trim())) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return undefined;
  }
}
