import { handle, json, readJson } from '@/app/api/handle';
import { API_BASE, createTaskSchema } from '@/lib/protocol/api';

export const dynamic = 'force-dynamic';

export function GET(request: Request): Promise<Response> {
  return handle(request, 'read', async ({ runtime, parameters }) => json(await runtime.rest.tasks(parameters)));
}

export function POST(request: Request): Promise<Response> {
  return handle(request, 'ingest', async ({ runtime }) => {
    const { task, created } = await runtime.life.createTask(await readJson(request, createTaskSchema));
    const location = `${API_BASE}/task-runs/${encodeURIComponent(task.id)}`;
    return json(task, { status: created ? 201 : 200, headers: { location } });
  });
}
