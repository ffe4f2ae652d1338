import type { Problem } from '@/lib/protocol/problem';
import { catalogueEntry, type ErrorCode } from './catalogue';

/** Further members of the problem object that a program can act on (RFC 9457 §3.2). */
export type ProblemMembers = Record<string, string | number | boolean | null | undefined | string[]>;

/**
 * The one error class that is meant for users. `message` is one public sentence that says what to do; what only an
 * operator may see goes into `cause`.
 */
export class StratalError extends Error {
  override readonly name = 'StratalError';
  readonly code: ErrorCode;
  readonly members: ProblemMembers;

  constructor(code: ErrorCode, detail: string, options: { members?: ProblemMembers; cause?: unknown } = {}) {
    super(detail, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.members = options.members ?? {};
  }

  get status(): number {
    return catalogueEntry(this.code).status;
  }

  /** The WebSocket close code for this error. */
  get closeCode(): number {
    return catalogueEntry(this.code).close ?? (this.status < 500 ? 4500 : 1011);
  }

  /** Seconds after which the same request is worth another try, for `Retry-After`: a stop is soon over, a full disk takes longer. */
  get retryAfterSeconds(): number | undefined {
    return this.status === 503 ? 1 : this.status === 507 ? 5 : undefined;
  }

  /** The RFC 9457 object; it holds nothing of `cause` or the stack. */
  toProblem(): Problem {
    const { status, title } = catalogueEntry(this.code);
    const members = Object.fromEntries(Object.entries(this.members).filter(([, value]) => value !== undefined));
    return { type: 'about:blank', title, status, detail: this.message, code: this.code, ...members };
  }
}

/** True for a StratalError made by any bundle of this process: Next bundles classes more than once. */
export function isStratalError(error: unknown): error is StratalError {
  return error instanceof Error && error.name === 'StratalError' && 'toProblem' in error;
}
