import { expect, test } from '@playwright/test';
import { buildSabotaged } from './proof/sabotage';
import { SABOTAGES } from './proof/sabotages';
import { observeScenario } from './proof/scenario';
import { checkTranscripts } from './proof/transcript-check';
import { StratalServer } from './stratal-server';

/** The checker of the proof is itself proven: it finds nothing in the product, and each promise that is broken on purpose. */

let server: StratalServer;

test.beforeAll(async () => {
  server = await StratalServer.start();
});

test.afterAll(async () => {
  await server?.close();
});

async function brokenPromises(): Promise<{ promises: number[]; reports: string[] }> {
  const violations = checkTranscripts(await observeScenario(server.url));
  return {
    promises: [...new Set(violations.map(({ promise }) => promise))].sort(),
    reports: violations.map(({ promise, who, where, what }) => `${promise}: ${who}, ${where}: ${what}`),
  };
}

test('finds nothing where every promise is kept', async () => {
  const { reports } = await brokenPromises();
  expect(reports).toEqual([]);
});

for (const sabotage of SABOTAGES) {
  test(`names promise ${sabotage.promise} of a server that ${sabotage.title}`, async () => {
    const [bundle] = await Promise.all([buildSabotaged(sabotage), server.stop()]);
    await server.startAgain(bundle);
    const { promises, reports } = await brokenPromises();
    expect(promises, reports.join('\n')).toEqual([sabotage.promise]);
  });
}
