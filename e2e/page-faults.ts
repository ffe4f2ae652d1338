import type { Page } from '@playwright/test';

/** What a browser reports while a server is away on purpose. */
const OUTAGE = /net::ERR_|WebSocket connection to|Failed to fetch|Failed to load resource/;

/**
 * Gathers what must not happen on any page: exceptions, console errors (violations of the content security policy are
 * among them) and dialogs. `outages`: the test takes the server or the network away, which browsers report as errors.
 */
export function watchFaults(page: Page, { outages = false }: { outages?: boolean } = {}): string[] {
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' || (outages && OUTAGE.test(message.text()))) return;
    faults.push(`console: ${message.text()}`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return faults;
}
