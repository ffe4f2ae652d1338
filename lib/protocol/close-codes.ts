/**
 * Close codes of the raw WebSocket (RFC 6455 §7.4 and our private range). The range says what a client does:
 * 4000–4499 reconnect at the cursor, 4500–4999 do not.
 */
export const CLOSE = {
  /** The run has ended; the reason is its status. */
  ended: 1000,
  binaryFrame: 1003,
  notUtf8: 1007,
  unexpectedFrame: 1008,
  tooLarge: 1009,
  overLimit: 1013,
  /** The server drains, or the connection reached its greatest age. */
  draining: 4001,
  /** The reader took nothing for 30 s. */
  stalled: 4008,
  badRequest: 4500,
  signIn: 4501,
  forbidden: 4503,
  noSuchRun: 4504,
  /** The cursor is no longer good; sent to clients without `stratal.v1`. */
  reset: 4510,
} as const;

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE];

/** True where a client reconnects at its cursor after this code; unknown codes (1006, 1011, 1012 …) are such. */
export function shouldReconnect(code: number): boolean {
  if (code >= 4500 && code <= 4999) return false;
  return code !== CLOSE.ended && code !== CLOSE.binaryFrame && code !== CLOSE.notUtf8 && code !== CLOSE.unexpectedFrame;
}

/** The subprotocol whose clients get control frames. */
export const SUBPROTOCOL = 'stratal.v1';
