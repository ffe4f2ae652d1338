import { CATALOGUE, type ErrorCode } from '@/lib/errors/catalogue';
import { CLOSE } from '@/lib/protocol/close-codes';
import { type Problem, problemSchema } from '@/lib/protocol/problem';

/** The server answered with an error. `problem` is its RFC 9457 object, `code` a key of the catalogue. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly problem: Problem;
  /** What `Retry-After` demands, where the answer had one. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(problem.detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.problem = problem;
    this.retryAfterMs = options.retryAfterMs;
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** True where the same request can succeed later. */
  get temporary(): boolean {
    return this.status >= 500 || this.status === 408 || this.status === 425 || this.status === 429;
  }
}

/**
 * What went wrong between client and server. `connection`: not reached, or the connection was lost; `silent`: nothing
 * was heard for too long; `gap`: a line was missing (the client asks for it again); `malformed`: one message could not be
 * read and was left out; `gave-up`: no attempts are left.
 */
export type StreamErrorKind = 'connection' | 'silent' | 'gap' | 'malformed' | 'gave-up';

/** A fault of a stream that no server answer describes. */
export class StreamError extends Error {
  override readonly name = 'StreamError';
  readonly kind: StreamErrorKind;

  constructor(kind: StreamErrorKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** What a body of an error answer says, or a problem made from the status where it is none (a proxy's page, say). */
export function toProblem(status: number, body: unknown): Problem {
  const parsed = problemSchema.safeParse(body);
  if (parsed.success) return parsed.data;
  const detail = `The server answered with status ${status}.`;
  return { type: 'about:blank', title: 'Unexpected answer', status, detail, code: codeOfStatus(status) };
}

const CODE_OF_CLOSE: Partial<Record<number, ErrorCode>> = {
  [CLOSE.signIn]: 'STRATAL_SIGN_IN',
  [CLOSE.forbidden]: 'STRATAL_FORBIDDEN',
  [CLOSE.noSuchRun]: 'STRATAL_NO_RUN',
  [CLOSE.reset]: 'STRATAL_CURSOR_RESET',
};

const REASON = /^(STRATAL_[A-Z_]+): (.+)$/;

/** The error in a WebSocket's close reason, which is `CODE: sentence`; undefined where the reason is another text. */
export function errorOfReason(reason: string, closeCode: number): ApiError | undefined {
  const [, code = '', detail = ''] = REASON.exec(reason) ?? [];
  return isErrorCode(code) ? new ApiError(problemOf(code, detail, closeCode)) : undefined;
}

/** The refusal that a WebSocket's close code stands for. */
export function refusalOfClose(closeCode: number, reason: string): ApiError {
  const code = CODE_OF_CLOSE[closeCode] ?? 'STRATAL_BAD_PARAMETER';
  return errorOfReason(reason, closeCode) ?? new ApiError(problemOf(code, reason, closeCode));
}

function problemOf(code: ErrorCode, detail: string, closeCode: number): Problem {
  const { status, title } = CATALOGUE[code];
  return { type: 'about:blank', title, status, detail: detail || `${title}.`, code, close_code: closeCode };
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(CATALOGUE, code);
}

/** The refusal in the error of a WebSocket handshake, where the platform shows its status (Node does). */
export function refusalOfHandshake(message: string): ApiError | undefined {
  const status = /server response: (4\d\d)\b/.exec(message)?.[1];
  if (status === undefined) return undefined;
  const error = new ApiError(toProblem(Number(status), undefined));
  return error.temporary ? undefined : error;
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'STRATAL_SIGN_IN';
  if (status === 403) return 'STRATAL_FORBIDDEN';
  if (status === 404) return 'STRATAL_NO_ROUTE';
  return status < 500 ? 'STRATAL_BAD_PARAMETER' : 'STRATAL_INTERNAL';
}
