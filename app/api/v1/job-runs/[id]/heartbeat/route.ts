import { handle } from '@/app/api/handle';

export const dynamic = 'force-dynamic';

export function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  return handle(request, 'ingest', async ({ runtime }) => {
    const { id } = await runtime.rest.run((await params).id);
    await runtime.life.heartbeat(id);
    return new Response(null, { status: 204 });
  });
}
