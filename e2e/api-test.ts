import { test as base, expect } from '@playwright/test';
import { type Answer, ApiClient, problem } from './api-client';
import { StratalServer } from './stratal-server';

interface Shared {
  /** One server for all specs of the API: tests keep apart by the ids of their runs. */
  server: StratalServer;
  api: ApiClient;
}

/** Tests of the API; they need no browser. */
export const test = base.extend<object, Shared>({
  server: [
    async ({ playwright: _ }, use) => {
      const server = await StratalServer.start();
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  api: [
    async ({ server }, use) => {
      const api = new ApiClient(server.url);
      await use(api);
      api.close();
    },
    { scope: 'worker' },
  ],
});

/** An answer is this problem, with a title, a sentence and these further members. */
export function expectProblem(
  answer: Answer,
  status: number,
  code: string,
  members: Record<string, unknown> = {},
): void {
  expect(answer.headers['content-type'], answer.text.slice(0, 500)).toBe('application/problem+json');
  expect(answer.json()).toMatchObject(problem(status, code, members));
  expect(answer.status).toBe(status);
  expect(answer.json('title')).toMatch(/\w+ \w+/);
  expect(answer.json('detail')).toMatch(/\w+ \w+/);
}
