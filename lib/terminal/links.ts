import { LinkifyIt } from 'linkify-it';
import { HREF_CHARS_MAX, safeHref } from './safe-href';
import type { Span } from './span-list';

const SCHEME = /(?<![\w+.-])(?:https?:|mailto:)/gi;
/** A URL never holds these; in JSON, shell and Markdown they end it. */
const URL_END = /[\s"<>`\\^]/;
/** Punctuation of the sentence or of Markdown that linkify-it leaves on. */
const TRAILING = /[:*]+$/;

interface Link {
  from: number;
  to: number;
  href: string;
}

let linkify: LinkifyIt | undefined;

/**
 * The spans with plain URLs (http, https and mailto, written with their scheme) as links; a URL may run over several
 * spans. A span that is a link already stays as it is, and `start` stays true.
 */
export function linkUrls(spans: Span[]): Span[] {
  const text = spans.length === 1 ? (spans[0]?.text ?? '') : spans.map((span) => span.text).join('');
  const links = findLinks(text);
  if (links.length === 0) return spans;

  const linked: Span[] = [];
  let offset = 0;
  let next = 0;
  for (const span of spans) {
    const end = offset + span.text.length;
    let at = offset;
    while (at < end) {
      while ((links[next]?.to ?? Number.POSITIVE_INFINITY) <= at) next++;
      const link = links[next];
      const isInside = link !== undefined && link.from <= at;
      const to = Math.min(end, link === undefined ? end : isInside ? link.to : link.from);
      linked.push(part(span, at - offset, to - offset, isInside ? link.href : undefined));
      at = to;
    }
    offset = end;
  }
  return linked;
}

/** The URLs of a text as UTF-16 ranges, ascending. */
function findLinks(text: string): Link[] {
  const links: Link[] = [];
  SCHEME.lastIndex = 0;
  for (let match = SCHEME.exec(text); match !== null; match = SCHEME.exec(text)) {
    const from = match.index;
    const window = text.slice(from, from + HREF_CHARS_MAX + 1);
    const end = window.search(URL_END);
    if (end < 0 && window.length > HREF_CHARS_MAX) continue;
    const scheme = match[0];
    const candidate = end < 0 ? window : window.slice(0, end);
    // Unlike the library's own search this accepts a URL right after `=`, and one that a quotation mark ends.
    linkify ??= new LinkifyIt({ urlAuth: true });
    const length = linkify.testSchemaAt(candidate, scheme.toLowerCase(), scheme.length);
    const href = length > 0 ? safeHref(candidate.slice(0, scheme.length + length).replace(TRAILING, '')) : undefined;
    if (href === undefined) continue;
    links.push({ from, to: from + href.length, href });
    SCHEME.lastIndex = from + href.length;
  }
  return links;
}

function part(span: Span, from: number, to: number, href: string | undefined): Span {
  const piece: Span = { text: span.text.slice(from, to), style: span.style };
  const ownHref = span.href ?? href;
  if (ownHref !== undefined) piece.href = ownHref;
  if (span.start !== undefined) piece.start = span.start + from;
  return piece;
}
