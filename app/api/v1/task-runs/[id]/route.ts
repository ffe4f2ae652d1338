import { handle, type IdContext, json, readJson } from '@/app/api/handle';
import { patchTaskSchema } from '@/lib/protocol/api';

export const dynamic = 'force-dynamic';

export function GET(request: Request, { params }: IdContext): Promise<Response> {
  return handle(request, 'read', async ({ runtime }) => json(await runtime.rest.task((await params).id)));
}

export function PATCH(request: Request, { params }: IdContext): Promise<Response> {
  return handle(request, 'ingest', async ({ runtime }) => {
    const { id } = await runtime.rest.task((await params).id);
    return json(await runtime.life.patchTask(id, await readJson(request, patchTaskSchema)));
  });
}
