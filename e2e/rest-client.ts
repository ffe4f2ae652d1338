/** What tests ask of the REST API beside what they test. */
export interface PostedLine {
  message: string;
  level?: string;
  stream?: string;
  task_name?: string;
  timestamp?: string;
  /** The line goes on in the next one. */
  continues?: true;
  /** The line has not ended yet: it is shown, and not stored. */
  partial?: boolean;
}

export interface RunFacts {
  id: string;
  status: string;
  /** Above 1 where retention took lines. */
  first_line: number;
  line_count: number;
}

async function request(url: string, init: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init.method ?? 'GET'} ${url}: ${response.status} ${await response.text()}`);
  return response;
}

function json(method: string, body: unknown): RequestInit {
  return { method, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
}

/** Makes a run, whose line 1 is the system's `Job run started`. */
export async function createRun(url: string, id: string, fields: Record<string, unknown> = {}): Promise<void> {
  await request(`${url}/api/v1/job-runs`, json('POST', { id, job_name: id, ...fields }));
}

export async function finishRun(url: string, id: string, fields: Record<string, unknown> = {}): Promise<void> {
  await request(`${url}/api/v1/job-runs/${id}`, json('PATCH', { status: 'completed', ...fields }));
}

/** Brings a run to another status, such as a pending one to running. */
export async function setRunStatus(url: string, id: string, status: string): Promise<void> {
  await request(`${url}/api/v1/job-runs/${id}`, json('PATCH', { status }));
}

/** Takes a run from retention, or gives it back. */
export async function pinRun(url: string, id: string, pinned = true): Promise<void> {
  await request(`${url}/api/v1/job-runs/${id}`, json('PATCH', { pinned }));
}

/** Makes a task run: the next attempt of its name. */
export async function createTask(url: string, run: string, id: string, name: string): Promise<void> {
  await request(`${url}/api/v1/task-runs`, json('POST', { id, job_run_id: run, task_name: name }));
}

export async function finishTask(url: string, id: string, fields: Record<string, unknown> = {}): Promise<void> {
  await request(`${url}/api/v1/task-runs/${id}`, json('PATCH', { status: 'completed', ...fields }));
}

export async function readRun(url: string, id: string): Promise<RunFacts> {
  const response = await request(`${url}/api/v1/job-runs/${id}`);
  return response.json();
}

/** Adds lines to a run, which is made if it is unknown. */
export async function postLines(url: string, id: string, lines: ReadonlyArray<PostedLine | string>): Promise<void> {
  const body = lines.map((line) => JSON.stringify(typeof line === 'string' ? { message: line } : line)).join('\n');
  await request(`${url}/api/v1/job-runs/${id}/logs`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson' },
    body,
  });
}

/** The run's output as its program wrote it. */
export async function downloadRaw(url: string, id: string): Promise<Buffer> {
  const response = await request(`${url}/api/v1/logs/job-runs/${id}/download?format=raw`);
  return Buffer.from(await response.arrayBuffer());
}
