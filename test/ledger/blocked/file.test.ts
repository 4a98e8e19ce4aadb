import { afterEach, expect, test } from 'bun:test';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { blockedLine } from '../../../src/ledger/blocked/line.ts';
import type { Host } from '../../../src/model/brand.ts';
import { blockedFlow, ended, sampleFlow } from '../sample-flow.ts';
import { cleanUp, openLedger, scratch } from '../scratch.ts';
import { optionsIn } from '../scratch-options.ts';
import { until } from '../until.ts';

afterEach(cleanUp);

test('a line holds time, program, user, host, address, port, stage, reason and evidence', () => {
  expect(blockedLine(blockedFlow(5))).toBe(
    '2026-09-21T14:13:20.005Z\t/usr/lib/firefox/firefox\talice\tcdn5.example-service.com\t203.0.113.5\t443\tblocklist\tblocklisted\tlisted as a tracker\n',
  );
});

test('what is not known is a dash, and a real dash is not', () => {
  const flow = blockedFlow(5);
  const origin = { ...flow.origin, path: '-', user: null, uid: null };
  const fields = blockedLine({ ...flow, origin, target: { ...flow.target, host: null } }).split('\t');
  expect(fields.slice(1, 4)).toEqual(['\\x2d', '-', '-']);
});

test('separators, controls and invisible characters are escaped, the rest is as it was', () => {
  const flow = blockedFlow(5);
  const path = '/a\tb\nc\\d\u0007e\u009bf\u202eg\u2028h\ud800i\u00e9\u{1f600}';
  const line = blockedLine({ ...flow, origin: { ...flow.origin, path } });
  expect(line.split('\t')[1]).toBe('/a\\tb\\nc\\\\d\\x07e\\x9bf\\u202eg\\u2028h\\ud800ié\u{1f600}');
});

test('whatever the fields hold, a line is one line of nine fields', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  fc.assert(
    fc.property(text, text, text, (path, user, host) => {
      const flow = blockedFlow(5);
      const line = blockedLine({
        ...flow,
        origin: { ...flow.origin, path, user },
        target: { ...flow.target, host: host as Host },
        verdict: { ...flow.verdict, evidence: [{ kind: 'note', text: path }] },
      });
      expect(line.split('\t').length).toBe(9);
      expect(line.indexOf('\n')).toBe(line.length - 1);
      expect(Buffer.from(line).toString()).toBe(line);
    }),
  );
});

async function withFile(folder = scratch()) {
  const blockedFile = join(folder, 'blocked.tsv');
  const ledger = await openLedger(optionsIn(folder, { blockedFile }));
  const lines = () =>
    existsSync(blockedFile) ? readFileSync(blockedFile, 'utf8').trimEnd().split('\n') : [];
  return { ledger, blockedFile, lines };
}

test('each flow that was stopped gets one line, though it is recorded twice; forwarded ones get none', async () => {
  const { ledger, blockedFile, lines } = await withFile();
  ledger.record(sampleFlow(1));
  ledger.record(sampleFlow(2, { verdict: blockedFlow(2).verdict, mode: 'permissive' }));
  ledger.record(blockedFlow(3, { effect: 'forbidden' }));
  await ledger.flush();
  ledger.record(blockedFlow(3, { effect: 'forbidden', durationMs: 3 }));
  ledger.record(blockedFlow(4));
  await ledger.flush();
  ledger.record(blockedFlow(1, { effect: 'reset' }));
  ledger.record(ended(sampleFlow(2)));
  await ledger.flush();
  expect(lines().map((line) => line.split('\t')[3])).toEqual(
    [3, 4, 1].map((n) => `cdn${n}.example-service.com`),
  );
  expect(statSync(blockedFile).mode & 0o777).toBe(0o600);
});

test('a file that was moved away is begun anew', async () => {
  const { ledger, blockedFile, lines } = await withFile();
  ledger.record(blockedFlow(1));
  await ledger.flush();
  renameSync(blockedFile, `${blockedFile}.1`);
  ledger.record(blockedFlow(2));
  await ledger.flush();
  expect(lines().length).toBe(1);
  expect(lines()[0]).toContain('cdn2.');
  expect(readFileSync(`${blockedFile}.1`, 'utf8')).toContain('cdn1.');
});

test('lines go on after those of an earlier engine', async () => {
  const folder = scratch();
  appendFileSync(join(folder, 'blocked.tsv'), 'earlier\n', { mode: 0o600 });
  const { ledger, lines } = await withFile(folder);
  ledger.record(blockedFlow(1));
  await ledger.flush();
  expect(lines()).toEqual(['earlier', expect.stringContaining('cdn1.')]);
});

type Refusal = [string, (file: string, other: string) => void, string];

// Only root can give a file away.
const foreign: Refusal[] =
  process.geteuid?.() === 0
    ? [['a file of another user', (file) => writeAs(file, 65_534), 'belongs to user id 65534']]
    : [];

test.each<Refusal>([
  ...foreign,
  ['a symbolic link', (file, other) => symlinkSync(other, file), 'ELOOP'],
  ['a file with a second name', (file, other) => linkSync(other, file), 'hard link'],
  ['a pipe', (file) => void Bun.spawnSync(['mkfifo', file]), 'cannot write'],
  ['a folder', (file) => void Bun.spawnSync(['mkdir', file]), 'EISDIR'],
  ['a file that others can write', (file) => chmodTo(file, 0o666), 'other users can write it'],
])('%s is refused and told, and history goes on', async (_what, prepare, said) => {
  const folder = scratch();
  const other = join(folder, 'other');
  writeFileSync(other, 'precious', { mode: 0o600 });
  prepare(join(folder, 'blocked.tsv'), other);
  const { ledger, blockedFile } = await withFile(folder);
  ledger.record(blockedFlow(1));
  await ledger.flush();
  expect(ledger.status()).toMatchObject({
    state: 'failing',
    error: expect.stringContaining(said),
    queued: 0,
  });
  expect(ledger.status().error).toContain('1 lines');
  expect(readFileSync(other, 'utf8')).toBe('precious');
  expect((await ledger.flow(1))?.effect).toBe('reset');
  rmSync(blockedFile, { recursive: true });
  ledger.record(blockedFlow(2));
  await until('the file is written again', () => existsSync(blockedFile));
  await ledger.flush();
  expect(ledger.status().state).toBe('ok');
});

function chmodTo(file: string, mode: number): void {
  writeFileSync(file, '');
  chmodSync(file, mode);
}

function writeAs(file: string, uid: number): void {
  writeFileSync(file, '', { mode: 0o600 });
  chownSync(file, uid, uid);
}
