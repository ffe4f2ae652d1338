import { handle, json, readJson } from '@/app/api/handle';
import { patchRunSchema } from '@/lib/protocol/api';

export const dynamic = 'force-dynamic';

type Context = { params: Promise<{ id: string }> };

export function GET(request: Request, { params }: Context): Promise<Response> {
  return handle(request, 'read', async ({ runtime }) => json(await runtime.rest.run((await params).id)));
}

export function PATCH(request: Request, { params }: Context): Promise<Response> {
  return handle(request, 'ingest', async ({ runtime }) => {
    const { id } = await runtime.rest.run((await params).id);
    return json(await runtime.life.patchRun(id, await readJson(request, patchRunSchema)));
  });
}

export function DELETE(request: Request, { params }: Context): Promise<Response> {
  return handle(request, 'admin', async ({ runtime }) => {
    const { id } = await runtime.rest.run((await params).id);
    await runtime.life.deleteRun(id);
    return new Response(null, { status: 204 });
  });
}
