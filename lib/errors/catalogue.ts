/**
 * Every error that reaches a user, by its stable code. `status` is the HTTP answer; `close` the WebSocket code where one
 * differs from the default (4500 for 4xx, 1011 for 5xx); `temporary`: the same request can succeed later.
 * docs/errors.md has one section per code, and a test holds the two equal.
 */
interface CatalogueEntry {
  status: number;
  title: string;
  temporary: boolean;
  close?: number;
}

export const CATALOGUE = {
  STRATAL_BAD_REQUEST: { status: 400, title: 'The request is not valid HTTP', temporary: false },
  STRATAL_BAD_PARAMETER: { status: 400, title: 'A parameter is not valid', temporary: false },
  STRATAL_BAD_CURSOR: { status: 400, title: 'The cursor is not valid', temporary: false },
  STRATAL_BAD_FILTER: { status: 400, title: 'The filter is not valid', temporary: false },
  STRATAL_BAD_BODY: { status: 400, title: 'The body is not valid', temporary: false },
  STRATAL_TOO_MANY_TASKS: { status: 400, title: 'The job run has too many task runs', temporary: false },
  STRATAL_ORIGIN_REFUSED: { status: 403, title: 'Requests from this page are refused', temporary: false, close: 4503 },
  STRATAL_HOST_REFUSED: { status: 403, title: 'Requests to this host name are refused', temporary: false, close: 4503 },
  STRATAL_FORBIDDEN: { status: 403, title: 'Not allowed', temporary: false, close: 4503 },
  STRATAL_SIGN_IN: { status: 401, title: 'Sign in first', temporary: false, close: 4501 },
  STRATAL_NO_ROUTE: { status: 404, title: 'No such address', temporary: false },
  STRATAL_NO_RUN: { status: 404, title: 'No such job run', temporary: false, close: 4504 },
  STRATAL_NO_TASK: { status: 404, title: 'No such task run', temporary: false, close: 4504 },
  STRATAL_NO_LINES: { status: 404, title: 'No such lines', temporary: false },
  STRATAL_METHOD_NOT_ALLOWED: { status: 405, title: 'Method not allowed', temporary: false },
  STRATAL_REQUEST_TIMEOUT: { status: 408, title: 'The request took too long', temporary: true },
  STRATAL_RUN_CONFLICT: { status: 409, title: 'A run with this id has another job name', temporary: false },
  STRATAL_TASK_CONFLICT: { status: 409, title: 'A task run with this id or attempt exists', temporary: false },
  STRATAL_STATUS_CONFLICT: { status: 409, title: 'The status cannot change so', temporary: false },
  STRATAL_INGEST_POSITION: { status: 409, title: 'The position is not the source’s next one', temporary: false },
  STRATAL_CURSOR_RESET: { status: 410, title: 'The cursor is no longer good', temporary: false, close: 4510 },
  STRATAL_TOO_LARGE: { status: 413, title: 'The request is too large', temporary: false, close: 1009 },
  STRATAL_MEDIA_TYPE: { status: 415, title: 'The media type is not supported', temporary: false },
  STRATAL_EXPECTATION: { status: 417, title: 'The expectation cannot be met', temporary: false },
  STRATAL_UPGRADE_REQUIRED: { status: 426, title: 'This address speaks WebSocket', temporary: false },
  STRATAL_HEADERS_TOO_LARGE: { status: 431, title: 'The header fields are too large', temporary: false },
  STRATAL_INGEST_LINE: { status: 400, title: 'A line of the body is not valid', temporary: false },
  STRATAL_INGEST_SOURCE: { status: 400, title: 'The source headers are not valid', temporary: false },
  STRATAL_INGEST_CUT: { status: 400, title: 'The body ended early', temporary: true },
  STRATAL_INGEST_BUSY: { status: 503, title: 'Too much is being taken in', temporary: true },
  STRATAL_INGEST_UNCERTAIN: { status: 503, title: 'It is not known whether the lines were stored', temporary: true },
  STRATAL_STORE_DOWN: { status: 503, title: 'The database does not answer', temporary: true },
  STRATAL_DISK_FULL: { status: 507, title: 'The disk is nearly full', temporary: true },
  STRATAL_DRAINING: { status: 503, title: 'The server is stopping', temporary: true, close: 4001 },
  STRATAL_NO_RUNTIME: { status: 503, title: 'The server is not ready', temporary: true },
  STRATAL_INTERNAL: { status: 500, title: 'Something went wrong on the server', temporary: true },
} as const satisfies Record<string, CatalogueEntry>;

export type ErrorCode = keyof typeof CATALOGUE;

/** The catalogue's entry, with its optional fields visible whatever the code. */
export function catalogueEntry(code: ErrorCode): CatalogueEntry {
  return CATALOGUE[code];
}
