import { handleRun, type IdContext, json, readJson } from '@/app/api/handle';
import { patchRunSchema } from '@/lib/protocol/api';

export const dynamic = 'force-dynamic';

export function GET(request: Request, context: IdContext): Promise<Response> {
  return handleRun(request, 'read', context, async ({ runtime, id }) => json(await runtime.rest.run(id)));
}

export function PATCH(request: Request, context: IdContext): Promise<Response> {
  return handleRun(request, 'ingest', context, async ({ runtime, id }) => {
    const run = await runtime.rest.run(id);
    return json(await runtime.life.patchRun(run.id, await readJson(request, patchRunSchema)));
  });
}

export function DELETE(request: Request, context: IdContext): Promise<Response> {
  return handleRun(request, 'admin', context, async ({ runtime, id }) => {
    const run = await runtime.rest.run(id);
    await runtime.life.deleteRun(run.id);
    return new Response(null, { status: 204 });
  });
}
