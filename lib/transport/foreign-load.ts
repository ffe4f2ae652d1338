import type { IncomingHttpHeaders } from 'node:http';
import { StratalError } from '@/lib/errors/stratal-error';

/** Files of the build and of public/: the same for everyone, and a page that embeds the viewer links its style sheet, which says no Origin. */
const ASSET = /^\/(?:_next\/static\/|tab-icons\/|favicon\.svg$)(?!.*(?:\.\.|%2[ef]))/i;

/** Where a link leads: to a page, or, as one that downloads does, to a file. */
const FOLLOWED = ['document', 'empty'];

export function isAsset(path: string): boolean {
  return ASSET.test(path);
}

/**
 * Refuses what a page of another site loads without saying its origin: an image, a script, a frame, a fetch whose answer it may not see. It
 * would have the server work, and time or size tell what is here. Browsers say from where and for what they ask; programs do not.
 * A link is followed from anywhere, and a request with an Origin is judged by that.
 */
export function refuseForeignLoad(path: string, headers: IncomingHttpHeaders): void {
  const { origin, 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = headers;
  if (origin !== undefined || (site !== 'cross-site' && site !== 'same-site') || isAsset(path)) return;
  if (mode === 'navigate' && (destination === undefined || FOLLOWED.includes(destination))) return;
  throw new StratalError(
    'STRATAL_ORIGIN_REFUSED',
    'Pages of other sites may link to this, and not load it; a site listed in STRATAL_ALLOWED_ORIGINS may fetch it with CORS.',
  );
}
