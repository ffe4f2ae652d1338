/** Letters of other scripts that a link's text may pass off as others; a browser's own bar writes such names in ASCII too. */
const NOT_ASCII = /[^\x20-\x7e]/;

/**
 * Where a link in log output goes, in words that cannot mislead: the text of a link is the program's own, and may be the address of another
 * place. A host of look-alike letters is written in ASCII (`xn--…`), and its name as a whole comes first.
 */
export function targetOf(href: string): string {
  if (!URL.canParse(href)) return `Opens ${href}`;
  const { protocol, hostname, href: whole } = new URL(href);
  if (protocol === 'mailto:') return `Writes to ${href.slice(protocol.length)}`;
  const note = NOT_ASCII.test(href) ? ' (written with letters of other alphabets)' : '';
  return `Opens ${hostname}${note}: ${whole}`;
}
