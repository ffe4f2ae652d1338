import { handle, json, readJson } from '@/app/api/handle';
import { API_BASE, createRunSchema } from '@/lib/protocol/api';

export const dynamic = 'force-dynamic';

export function GET(request: Request): Promise<Response> {
  return handle(request, 'read', async ({ runtime, principal, parameters }) =>
    json(await runtime.rest.runs(parameters, principal.jobs)),
  );
}

export function POST(request: Request): Promise<Response> {
  return handle(request, 'ingest', async ({ runtime }) => {
    const { run, created } = await runtime.life.createRun(await readJson(request, createRunSchema));
    const location = `${API_BASE}/job-runs/${encodeURIComponent(run.id)}`;
    return json(run, { status: created ? 201 : 200, headers: { location } });
  });
}
