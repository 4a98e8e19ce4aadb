import { afterEach, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeChecks } from '../../../src/cli/judge/doctor.ts';
import { DEFAULTS } from '../../../src/config/defaults.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { sampleStatus } from '../../control/sample-status.ts';
import { startScriptedModel } from '../../judge/scripted-model/scripted-model.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const configOf = (judge: object) => configSchema.parse({ judge });
const statusOf = (over: object) => ({ ...sampleStatus().judge, detail: null, ...over });
/** Nothing listens on the discard port of loopback. */
const NOWHERE = 'http://127.0.0.1:9/v1';

test('a judge that is off, and a default server that is not there, are no faults', async () => {
  expect(await judgeChecks(configOf({ enabled: false }), null)).toEqual([
    { name: 'judge', state: 'ok', detail: 'off by configuration (judge.enabled)', remedy: null },
  ]);
  const gone = statusOf({
    state: 'unreachable',
    detail: 'nothing listens there',
    apiUrl: DEFAULTS.judge.apiUrl,
  });
  expect(await judgeChecks(configOf({}), gone)).toMatchObject([{ state: 'ok', remedy: null }]);
});

test('a server that somebody named and that is not there is a warning, with an engine and without', async () => {
  const gone = statusOf({ state: 'unreachable', detail: 'nothing listens there', apiUrl: NOWHERE });
  for (const status of [null, gone]) {
    const [check] = await judgeChecks(configOf({ apiUrl: NOWHERE }), status);
    expect(check).toMatchObject({ name: 'judge', state: 'warn' });
    expect(check?.detail).toMatch(/^no server: .*nothing listens there/);
    expect(check?.remedy).toContain('judge.apiUrl');
  }
});

test('the model must be one that the server has, as far as it tells', async () => {
  const model = await startScriptedModel({ port: 0 });
  try {
    const config = { apiUrl: model.apiUrl, model: 'gpt-oss-20b' };
    for (const status of [null, statusOf({ state: 'ready' })]) {
      const [other] = await judgeChecks(configOf(config), status);
      expect(other).toMatchObject({ state: 'warn' });
      expect(other?.detail).toBe(`gpt-oss-20b is not among the models of ${model.apiUrl}: scripted`);
      const right = await judgeChecks(configOf({ ...config, model: 'scripted' }), status);
      expect(right).toEqual([
        { name: 'judge', state: 'ok', detail: `scripted at ${model.apiUrl}`, remedy: null },
      ]);
    }
    model.script({ key: 'sesame' });
    const [refused] = await judgeChecks(configOf(config), null);
    expect(refused).toMatchObject({ state: 'warn' });
    expect(refused?.remedy).toContain('judge.apiKeyFile');
    // The engine may have a key in its environment that this process does not have.
    expect(await judgeChecks(configOf(config), statusOf({ state: 'ready' }))).toMatchObject([
      { state: 'ok' },
    ]);
  } finally {
    await model.close();
  }
});

test('a key file that others can read is told, and never its key', async () => {
  const folder = mkdtempSync('/var/tmp/resolagent-doctor-');
  folders.push(folder);
  const file = join(folder, 'key');
  writeFileSync(file, 'sesame-open\n');
  chmodSync(file, 0o644);
  const config = configOf({ apiUrl: NOWHERE, apiKeyFile: file, virustotalKeyFile: join(folder, 'none') });
  const bad = await judgeChecks(config, null);
  const root = process.geteuid?.() === 0;
  expect(bad.map(({ name, state }) => `${name} ${state}`)).toEqual([
    `judge.apiKeyFile ${root ? 'warn' : 'unknown'}`,
    `judge.virustotalKeyFile ${root ? 'warn' : 'unknown'}`,
    'judge warn',
  ]);
  expect(bad[0]?.detail).toContain(`chmod 600 ${file}`);
  expect(JSON.stringify(bad)).not.toContain('sesame');
  chmodSync(file, 0o600);
  expect((await judgeChecks(config, null))[0]).toMatchObject({ name: 'judge.apiKeyFile', state: 'ok' });
});

test('an engine that cannot ask its judge says why', async () => {
  const refused = statusOf({ state: 'refused', detail: 'judge.apiKeyFile: /k: is empty' });
  expect(await judgeChecks(configOf({}), refused)).toEqual([
    {
      name: 'judge',
      state: 'warn',
      detail: 'cannot be asked: judge.apiKeyFile: /k: is empty',
      remedy: 'resolagent judge check tells more',
    },
  ]);
  const [spent] = await judgeChecks(configOf({}), statusOf({ state: 'out_of_tokens', dailyTokens: 9 }));
  expect(spent?.detail).toContain('judge.dailyTokens = 9 are used up');
  expect(spent?.remedy).toBe('raise judge.dailyTokens');
});
