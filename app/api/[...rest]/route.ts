import { handle } from '@/app/api/handle';
import { StratalError } from '@/lib/errors/stratal-error';

export const dynamic = 'force-dynamic';

/** Addresses that no route has: a problem object, not a page. */
function noRoute(request: Request): Promise<Response> {
  return handle(request, 'read', async () => {
    const { pathname } = new URL(request.url);
    throw new StratalError(
      'STRATAL_NO_ROUTE',
      `There is nothing at ${request.method} ${pathname}; docs/api.md lists what there is.`,
    );
  });
}

export { noRoute as DELETE, noRoute as GET, noRoute as PATCH, noRoute as POST, noRoute as PUT };
