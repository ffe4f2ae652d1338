import net from 'node:net';
import { LRUCache } from 'lru-cache';

/** True for names that only this machine answers to: localhost, *.localhost, 127.0.0.0/8 and ::1 (RFC 6761 §6.3). */
export function isLoopbackName(name: string): boolean {
  const host = name.toLowerCase().replace(/\.$/, '');
  if (host === 'localhost' || host.endsWith('.localhost')) return true;
  const address = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (net.isIPv4(address)) return address.startsWith('127.');
  return net.isIPv6(address) && new URL(`http://[${address}]/`).hostname === '[::1]';
}

/** What a Host header says. */
export interface ParsedHost {
  /** Without a port. */
  readonly hostname: string;
  /** With the port, where it is not the scheme's own. */
  readonly host: string;
  readonly origin: string;
}

/** Clients come by few names; judging one takes longer than looking it up, and every request is judged. */
const KNOWN_MAX = 100;
const known = new LRUCache<string, ParsedHost>({ max: KNOWN_MAX });

/** A Host header under that scheme, or undefined where it is more or less than `name[:port]`. */
export function parseHost(host: string, scheme = 'http'): ParsedHost | undefined {
  const address = `${scheme}://${host}/`;
  const before = known.get(address);
  if (before) return before;
  if (!/^[A-Za-z0-9.\-_[\]:]+$/.test(host) || !URL.canParse(address)) return undefined;
  const { hostname, host: name, origin } = new URL(address);
  const parsed = { hostname, host: name, origin };
  known.set(address, parsed);
  return parsed;
}
