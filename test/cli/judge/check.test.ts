import { afterEach, expect, setDefaultTimeout, test } from 'bun:test';
import { drawnLines } from '../../../src/cli/judge/text.ts';
import { type JudgeCheck, judgeCheckSchema } from '../../../src/schema/judge.ts';
import { cleanUp, serve, socketPath } from '../../control/harness.ts';
import { sampleStatus } from '../../control/sample-status.ts';
import { startScriptedModel } from '../../judge/scripted-model/scripted-model.ts';
import { judgeCommand, linesOf, removeFolders, runCommand } from './judge-cli.ts';

setDefaultTimeout(30_000);
afterEach(async () => {
  await cleanUp();
  removeFolders();
});

const yes = (detail: string, ms: number | null = 12) => ({ ok: true, ms, detail });
const no = (detail: string) => ({ ok: false, ms: 7, detail });
const untried = { ok: false, ms: null, detail: 'not tried' };

function checked(over: Partial<JudgeCheck> = {}): JudgeCheck {
  return {
    at: 1_790_000_000_000,
    apiUrl: 'http://127.0.0.1:1234/v1',
    model: 'gpt-oss-20b',
    models: ['gpt-oss-20b', 'qwen3'],
    reachable: yes('it answers'),
    completion: yes('it answered in 5 tokens', 1_240),
    streaming: yes('in 5 pieces'),
    nativeTools: yes('it called the tool'),
    structured: yes('it kept to the schema'),
    textProtocol: yes('it was read'),
    usable: true,
    ...over,
  };
}

const standing = (state: 'ready' | 'off') => ({
  ...sampleStatus(),
  judge: { ...sampleStatus().judge, state },
});

async function checkedBy(check: JudgeCheck, ...args: string[]) {
  const path = socketPath();
  await serve(path, { status: () => standing('ready'), 'judge.check': () => check });
  return judgeCommand(path, ['check', ...args]);
}

test('check prints a line a finding, with how long it took, and that the server is usable', async () => {
  const ran = await checkedBy(checked());
  expect(ran).toMatchObject({ code: 0, stderr: '' });
  expect(linesOf(ran.stdout)).toEqual([
    'gpt-oss-20b at http://127.0.0.1:1234/v1',
    '✓ reachable: it answers (12 ms)',
    '✓ completion: it answered in 5 tokens (1.2 s)',
    '✓ streaming: in 5 pieces (12 ms)',
    '✓ native tools: it called the tool (12 ms)',
    '✓ structured output: it kept to the schema (12 ms)',
    '✓ text protocol: it was read (12 ms)',
    'usable, with native tool calls and structured output',
  ]);
});

test('a server without native tools is usable by the text protocol', async () => {
  const ran = await checkedBy(
    checked({ nativeTools: no('no tool was called'), structured: no('no schema') }),
  );
  expect(ran.code).toBe(0);
  expect(linesOf(ran.stdout)).toContain('✗ native tools: no tool was called (7 ms)');
  expect(linesOf(ran.stdout).at(-1)).toBe('usable, with the text protocol');
});

test('what is in the way is told last with what to do about it, as exit code 1', async () => {
  const nothing = {
    completion: untried,
    streaming: untried,
    nativeTools: untried,
    structured: untried,
    textProtocol: untried,
    usable: false,
  };
  const gone = await checkedBy(checked({ ...nothing, models: [], reachable: no('connection refused') }));
  expect(gone.code).toBe(1);
  expect(linesOf(gone.stdout)).toContain('✗ reachable: connection refused (7 ms)');
  expect(linesOf(gone.stdout)).toContain('? completion: not tried');
  expect(linesOf(gone.stdout).at(-1)).toMatch(
    /^→ start an OpenAI-compatible server there .* or set judge\.apiUrl/,
  );
  const other = await checkedBy(checked({ ...nothing, models: ['qwen3', '\u001b[31mevil'] }));
  expect(other.code).toBe(1);
  expect(linesOf(other.stdout).slice(-2)).toEqual([
    '! gpt-oss-20b is not among the models of the server: qwen3, ·[31mevil',
    '→ load that model on the server, or set judge.model to one that it has',
  ]);
  const refusals = [{ reachable: no('HTTP 401') }, { completion: no('refused: no key') }];
  for (const refusal of refusals) {
    const key = await checkedBy(checked({ ...nothing, ...refusal }));
    expect(linesOf(key.stdout).at(-1)).toContain('judge.apiKeyFile');
  }
  const elsewhere = { ...nothing, models: [], completion: no('bad_request: HTTP 404: no such page') };
  const bare = await checkedBy(checked({ ...elsewhere, apiUrl: 'http://127.0.0.1:1234' }));
  expect(linesOf(bare.stdout).at(-1)).toBe(
    '→ set judge.apiUrl to where the API is: most servers have it at http://127.0.0.1:1234/v1',
  );
  const whole = await checkedBy(checked(elsewhere));
  expect(linesOf(whole.stdout).at(-1)).toBe('→ set judge.apiUrl to where the API is');
  const slow = await checkedBy(checked({ ...nothing, completion: no('timed_out: no reply in 30 s') }));
  expect(linesOf(slow.stdout).at(-1)).toContain('load the model before it is needed');
  const mute = await checkedBy(checked({ ...nothing, completion: yes('it answered') }));
  expect(linesOf(mute.stdout).at(-1)).toContain('set judge.model to one that follows instructions');
});

test('a judge that is out of tokens is tried all the same, and that is said', async () => {
  const path = socketPath();
  const judge = { ...sampleStatus().judge, state: 'out_of_tokens' as const, dailyTokens: 1 };
  await serve(path, { status: () => ({ ...sampleStatus(), judge }), 'judge.check': () => checked() });
  const ran = await judgeCommand(path, ['check']);
  expect(ran.code).toBe(0);
  expect(linesOf(ran.stdout)[0]).toContain('out of tokens: judge.dailyTokens = 1');
  expect(judgeCheckSchema.parse(JSON.parse((await judgeCommand(path, ['check', '--json'])).stdout))).toEqual(
    checked(),
  );
});

test('check prints the documented object, with the same exit code', async () => {
  const ran = await checkedBy(checked({ usable: false }), '--json');
  expect(ran.code).toBe(1);
  expect(judgeCheckSchema.strict().parse(JSON.parse(ran.stdout))).toEqual(checked({ usable: false }));
});

test('an engine that cannot check says why', async () => {
  const path = socketPath();
  await serve(path, { status: () => standing('ready') });
  expect(await judgeCommand(path, ['check'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: 'resolagent: no server is configured\n',
  });
});

test('without an engine, or with one whose judge is off, the server is tried all the same', async () => {
  const seen: string[] = [];
  const server = Bun.serve({
    hostname: '127.0.0.1',
    port: 0,
    fetch: (request) => {
      seen.push(new URL(request.url).pathname);
      return Response.json({ error: { message: 'no key, no answer' } }, { status: 401 });
    },
  });
  try {
    const config = `[judge]\nenabled = false\napiUrl = "http://127.0.0.1:${server.port}/v1"\n`;
    const path = socketPath();
    await serve(path, { status: () => standing('off') });
    for (const socket of [socketPath(), path]) {
      seen.length = 0;
      const ran = await judgeCommand(socket, ['check'], config);
      expect(ran).toMatchObject({ code: 1, stderr: '' });
      const lines = linesOf(ran.stdout);
      expect(lines[0]).toBe('! the judge is off (judge.enabled); this is what it could do');
      expect(lines[1]).toBe(`gpt-oss-20b at http://127.0.0.1:${server.port}/v1`);
      expect(lines.at(-1)).toStartWith('→ put the key');
      expect(seen.length).toBeGreaterThan(0);
    }
    const json = await judgeCommand(socketPath(), ['check', '--json'], config);
    expect(judgeCheckSchema.strict().parse(JSON.parse(json.stdout)).usable).toBe(false);
    expect(json.stderr).toContain('the judge is off');
  } finally {
    await server.stop(true);
  }
});

test('a real server is found out over HTTP: one with native tools, one with text alone, and one that wants a key', async () => {
  const model = await startScriptedModel();
  const config = `[judge]\nmodel = "scripted"\napiUrl = "${model.apiUrl}"\n`;
  const check = async () => {
    const ran = await judgeCommand(socketPath(), ['check'], config);
    return { code: ran.code, lines: linesOf(ran.stdout) };
  };
  try {
    const native = await check();
    expect(native.code).toBe(0);
    expect(native.lines.filter((line) => line.startsWith('✓')).length).toBe(6);
    expect(native.lines.at(-1)).toBe('usable, with native tool calls and structured output');
    model.script({ persona: 'text-only' });
    const text = await check();
    expect(text.code).toBe(0);
    expect(text.lines).toContainEqual(expect.stringMatching(/^✗ native tools: /));
    expect(text.lines).toContainEqual(expect.stringMatching(/^✓ text protocol: /));
    expect(text.lines.at(-1)).toBe('usable, with the text protocol');
    model.script({ persona: 'well-behaved', key: 'secret' });
    const refused = await check();
    expect(refused.code).toBe(1);
    expect(refused.lines.at(-1)).toStartWith('→ put the key');
  } finally {
    await model.close();
  }
});

test('an address that ends in /chat/completions is taken for its base, by the check and in what config show prints', async () => {
  const model = await startScriptedModel();
  try {
    for (const end of ['/chat/completions', '/chat/completions/', '//completions']) {
      const config = `[judge]\nmodel = "scripted"\napiUrl = "${model.apiUrl}${end}"\n`;
      const ran = await judgeCommand(socketPath(), ['check'], config);
      expect(linesOf(ran.stdout)[0]).toBe(`scripted at ${model.apiUrl}`);
      expect([end, ran.code]).toEqual([end, 0]);
      const shown = await runCommand(socketPath(), ['config', 'show'], config);
      expect(linesOf(shown.stdout)).toContain(`apiUrl = "${model.apiUrl}"`);
    }
  } finally {
    await model.close();
  }
});

test('a transcript is wrapped to the width of the terminal, deeper lines deeper, however narrow it is', () => {
  const lines = [
    { indent: 0, tone: 'plain', text: 'one two three four five six seven eight' },
    { indent: 2, tone: 'dim', text: '東京都渋谷区の登録者は先月登録した' },
  ] as const;
  expect(drawnLines(lines, 24)).toEqual([
    'one two three four five',
    'six seven eight',
    '    東京都渋谷区の登録者',
    '    は先月登録した',
  ]);
  expect(drawnLines(lines, 1).every((line) => Bun.stringWidth(line.trim()) <= 20)).toBe(true);
  expect(drawnLines(lines, Number.POSITIVE_INFINITY).length).toBe(2);
});
