import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import type { LogMessage } from '@/lib/protocol/log-message';
import { renderLine } from '@/lib/terminal/render-line';
import { LogText } from './log-text';
import { TerminalStates } from './terminal-states';

const CORPUS = process.env.STRATAL_CORPUS ?? resolve(import.meta.dirname, '../../../shared/corpus');
/** Of each file; more of the same takes time and shows nothing new. */
const LINES_MAX = 300;
const ENTITIES: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'", '&amp;': '&' };

test('the viewer shows every line of real logs as the text that it is, and throws at none', {
  skip: !existsSync(CORPUS) && `no corpus at ${CORPUS}`,
}, () => {
  const files = readdirSync(CORPUS, { recursive: true, encoding: 'utf8' }).filter((path) =>
    statSync(join(CORPUS, path)).isFile(),
  );
  assert.ok(files.length > 100);
  for (const path of files) {
    const text = readFileSync(join(CORPUS, path), 'utf8').replaceAll('\0', '');
    const lines = text.split('\n', LINES_MAX).map(
      (message, index): LogMessage => ({
        id: index + 1,
        job_run_id: 'corpus',
        timestamp: '2026-01-01T00:00:00.000Z',
        level: 'info',
        stream: 'stdout',
        message,
      }),
    );
    const states = new TerminalStates();
    states.follow(lines);
    for (const line of lines) {
      const start = states.startOf(line);
      const html = renderToStaticMarkup(createElement(LogText, { message: line.message, start }));
      const shown = html
        .replace(/<[^>]*>/g, '')
        .replace(/&(?:lt|gt|quot|#x27|amp);/g, (entity) => ENTITIES[entity] ?? '');
      const meant = renderLine(line.message, start).spans.map((span) => span.text);
      assert.equal(shown, meant.join(''), `${path}, line ${line.id}`);
    }
  }
});
