import { expect, test } from 'bun:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderJsonPage } from './json-page.ts';

const PAGE = join(import.meta.dir, '../../docs/json.md');

test('docs/json.md is what the schema says today', () => {
  expect(readFileSync(PAGE, 'utf8')).toBe(renderJsonPage());
});

test('the page names every field that the log must have', () => {
  const page = renderJsonPage();
  const flow = page.slice(page.indexOf('## Flow'), page.indexOf('## Rule'));
  for (const field of [
    ...['id', 'at', 'origin.pid', 'origin.path', 'origin.user', 'origin.parents', 'origin.parents[].path'],
    ...[
      'target.host',
      'target.ip',
      'target.port',
      'sniff.protocol',
      'sniff.sni',
      'sniff.alpn',
      'sniff.ech',
      'sniff.ja4',
    ],
    ...['verdict', 'effect', 'bytesIn', 'bytesOut'],
    ...['decisionUs', 'connectUs', 'durationMs'],
  ]) {
    expect(flow).toContain(`| \`${field}\` |`);
  }
});

test('what several shapes share is told once, and linked', () => {
  const page = renderJsonPage();
  expect(page).toContain('| `verdict` | [Verdict](#verdict) |');
  for (const field of ['kind', 'stage', 'reason', 'evidence', '(kind: list) entry', '(kind: rule) rule']) {
    expect(page.split(`\n| \`${field}\` |`).length).toBeGreaterThan(1);
  }
  expect(page.split('## Evidence').length).toBe(2);
});

test('no cell breaks the table', () => {
  for (const line of renderJsonPage()
    .split('\n')
    .filter((each) => each.startsWith('| `'))) {
    expect(line.split('|').length).toBe(5);
  }
});
