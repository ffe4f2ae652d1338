import type { z } from 'zod';
import type { Action, Principal } from '@/lib/auth/authorize';
import { fromZodError } from '@/lib/errors/bad-parameter';
import { isStratalError, StratalError } from '@/lib/errors/stratal-error';
import { RUN_BODY_BYTES_MAX } from '@/lib/protocol/limits';
import { PROBLEM_TYPE } from '@/lib/protocol/problem';
import { getRuntime, type Runtime } from '@/lib/runtime-handle';

/** As nginx logs it; it reaches nobody. */
const CLIENT_GONE = 499;

/** What a route handler works with: the runtime, the URL's parameters, and how to read headers. */
export interface Call {
  runtime: Runtime;
  principal: Principal;
  request: Request;
  parameters: URLSearchParams;
  header(name: string): string | undefined;
}

/** What Next hands to a handler whose address has an id. */
export interface IdContext {
  params: Promise<{ id: string }>;
}

/** Runs a handler for an authorised request; whatever it throws becomes one problem object. `runId`: the run it is about. */
export async function handle(
  request: Request,
  action: Action,
  answer: (call: Call) => Promise<Response>,
  runId?: string,
): Promise<Response> {
  try {
    const runtime = getRuntime();
    const header = (name: string) => request.headers.get(name) ?? undefined;
    const url = new URL(request.url);
    const principal = runtime.authorize({ header, secure: url.protocol === 'https:' }, action, runId);
    return await answer({ runtime, principal, request, parameters: url.searchParams, header });
  } catch (error) {
    // What was left undone for a client that has gone is no fault, and nobody reads the answer.
    if (request.signal.aborted && error === request.signal.reason) return new Response(null, { status: CLIENT_GONE });
    return problemResponse(error);
  }
}

/** The same for an address that names a run: whoever asks has to be allowed that run. */
export async function handleRun(
  request: Request,
  action: Action,
  { params }: IdContext,
  answer: (call: Call & { id: string }) => Promise<Response>,
): Promise<Response> {
  const { id } = await params;
  return handle(request, action, (call) => answer({ ...call, id }), id);
}

/** Any error as application/problem+json. What is not meant for users is logged and answered without details. */
export function problemResponse(error: unknown): Response {
  const known = isStratalError(error)
    ? error
    : new StratalError('STRATAL_INTERNAL', 'Something went wrong on the server; its log has the details.', {
        cause: error,
      });
  if (known.status >= 500 && known.cause !== undefined) logCause(known);
  const headers: Record<string, string> = { 'content-type': PROBLEM_TYPE, 'cache-control': 'no-store' };
  if (known.retryAfterSeconds !== undefined) headers['retry-after'] = String(known.retryAfterSeconds);
  return new Response(JSON.stringify(known.toProblem()), { status: known.status, headers });
}

/** A JSON answer that no cache keeps. */
export function json(value: unknown, init: { status?: number; headers?: Record<string, string> } = {}): Response {
  return Response.json(value, { ...init, headers: { 'cache-control': 'no-store', ...init.headers } });
}

/** The same of JSON that is written out already. */
export function jsonBytes(bytes: Uint8Array<ArrayBuffer>): Response {
  return new Response(bytes, { headers: { 'content-type': 'application/json', 'cache-control': 'no-store' } });
}

/** The request's JSON body by a schema. Over 1 MiB: STRATAL_TOO_LARGE; not JSON, or not of the schema: STRATAL_BAD_BODY. */
export async function readJson<Schema extends z.ZodType>(request: Request, schema: Schema): Promise<z.output<Schema>> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== '' && type !== 'application/json' && type !== 'application/x-www-form-urlencoded') {
    throw new StratalError('STRATAL_MEDIA_TYPE', `${type} is not supported here; send application/json.`);
  }
  const text = await readText(request);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new StratalError('STRATAL_BAD_BODY', 'The body is not JSON; send one JSON object.');
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw fromZodError(parsed.error, 'STRATAL_BAD_BODY');
  return parsed.data;
}

async function readText(request: Request): Promise<string> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of bodyOf(request)) {
    bytes += piece.byteLength;
    if (bytes > RUN_BODY_BYTES_MAX)
      throw new StratalError('STRATAL_TOO_LARGE', 'The body is over 1 MiB; send a smaller one.');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** The request's body as it arrives. */
export async function* bodyOf(request: Request): AsyncGenerator<Uint8Array> {
  const reader = request.body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Not cancelled: that would break the connection before the answer is out. What is left is taken when it is.
    reader.releaseLock();
  }
}

function logCause(error: StratalError): void {
  try {
    getRuntime().logger.error({ err: error.cause, code: error.code }, error.message);
  } catch {
    // Without a runtime there is no logger, and the answer says so.
  }
}
