import type { IncomingMessage } from 'node:http';

/**
 * Takes a request whose target is a whole URL, as a proxy is sent it, for one of this server: a server has to accept that form, and
 * the host in it goes before `Host` (RFC 9112 §3.2.2). Otherwise the path would be looked for under the wrong name, behind the judgement
 * of the host. Every other target stays as it is.
 */
export function takeWholeTarget(request: IncomingMessage): void {
  const whole = /^https?:\/\/([^/?#]*)([^#]*)/i.exec(request.url ?? '');
  if (!whole) return;
  const [, host = '', rest = ''] = whole;
  request.headers.host = host;
  request.url = rest.startsWith('/') ? rest : `/${rest}`;
}
