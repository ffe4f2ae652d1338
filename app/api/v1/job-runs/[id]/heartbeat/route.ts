import { handleRun, type IdContext } from '@/app/api/handle';

export const dynamic = 'force-dynamic';

export function POST(request: Request, context: IdContext): Promise<Response> {
  return handleRun(request, 'ingest', context, async ({ runtime, id }) => {
    const run = await runtime.rest.run(id);
    await runtime.life.heartbeat(run.id);
    return new Response(null, { status: 204 });
  });
}
