import net from 'node:net';

/** True for names that only this machine answers to: localhost, *.localhost, 127.0.0.0/8 and ::1 (RFC 6761 §6.3). */
export function isLoopbackName(name: string): boolean {
  const host = name.toLowerCase().replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (net.isIPv4(address)) return address.startsWith('127.');
  return net.isIPv6(address) && new URL(`http://[${address}]/`).hostname === '[::1]';
}

/** A Host header as a URL of that scheme, or undefined where it is more or less than `name[:port]`. */
export function parseHost(host: string, scheme = 'http'): URL | undefined {
  if (!/^[A-Za-z0-9.\-_[\]:]+$/.test(host) || !URL.canParse(`${scheme}://${host}/`)) return undefined;
  return new URL(`${scheme}://${host}/`);
}
