import type { Page } from '@playwright/test';

/** What a browser reports while a server is away on purpose. */
const OUTAGE = /net::ERR_|WebSocket connection to|Failed to fetch|Failed to load resource/;
const REFUSAL = /^Failed to load resource: the server responded with a status of/;

/** Takes back that the server refused what the page asked with this status, where that is what a test looks at. */
export function forgiveRefusals(faults: string[], status = 400): void {
  faults.splice(0, Number.POSITIVE_INFINITY, ...faults.filter((fault) => !fault.includes(`status of ${status} `)));
}

/**
 * Gathers what must not happen on any page: exceptions, console errors (violations of the content security policy are
 * among them) and dialogs. `outages`: the test takes the server or the network away, which browsers report as errors.
 */
export function watchFaults(page: Page, { outages = false }: { outages?: boolean } = {}): string[] {
  const faults: string[] = [];
  const opened: string[] = [];
  page.on('request', (request) => {
    if (request.isNavigationRequest()) opened.push(request.url());
  });
  page.on('pageerror', (error) => faults.push(`exception: ${error.stack ?? error.message}`));
  page.on('console', (message) => {
    if (message.type() !== 'error' || (outages && OUTAGE.test(message.text()))) return;
    // How the page itself was answered, 404 or 500, is what its test looks at.
    if (REFUSAL.test(message.text()) && [...opened, page.url()].includes(message.location().url)) return;
    faults.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  return faults;
}
