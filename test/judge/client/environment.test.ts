import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { ModelAnswer } from '../../../src/judge/core/model.ts';
import { Workshop } from '../tools/workshop.ts';
import {
  ALLOW,
  type Answering,
  event,
  head,
  piece,
  type RawServer,
  rawServer,
  SAYING,
  saying,
} from './model-server.ts';

const KEY = 'sk-of-our-own-0123456789';
const CHILD = `${import.meta.dir}/ask-child.ts`;

interface Ran {
  readonly answer: ModelAnswer;
  readonly alive: { readonly kind: string; readonly detail: string };
  readonly unhandled: number;
  readonly stderr: string;
}

/** Asks from a process with an environment of its own. */
async function run(env: Record<string, string>, ...args: readonly string[]): Promise<Ran> {
  const child = Bun.spawn([process.execPath, CHILD, ...args], {
    env: { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  return { ...(JSON.parse(stdout) as Omit<Ran, 'stderr'>), stderr };
}

let server: RawServer;
let elsewhere: RawServer;
beforeAll(async () => {
  server = await rawServer(saying(SAYING(ALLOW)));
  elsewhere = await rawServer(saying(SAYING('{"verdict":"block"}')));
});
afterAll(async () => {
  await server.close();
  await elsewhere.close();
});

const proxies = (url: string): Record<string, string> =>
  Object.fromEntries(
    ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'http_proxy', 'https_proxy', 'all_proxy'].map((name) => [
      name,
      url,
    ]),
  );

test('nothing in the environment changes what is sent, where to, or what is written', async () => {
  const plain = await run({}, server.apiUrl, KEY);
  const there = elsewhere.apiUrl;
  const environments: Record<string, string>[] = [
    { ...proxies(there), NO_PROXY: '', NODE_USE_ENV_PROXY: '1' },
    {
      OPENAI_BASE_URL: there,
      OPENAI_API_KEY: 'sk-of-another',
      OPENAI_ADMIN_KEY: 'sk-of-an-admin',
      OPENAI_ORG_ID: 'org-1',
      OPENAI_PROJECT_ID: 'proj-1',
      OPENAI_WEBHOOK_SECRET: 'whsec',
      OPENAI_LOG: 'debug',
      OPENAI_CUSTOM_HEADERS: 'X-Evil: yes\nAuthorization: Bearer sk-of-a-stranger',
    },
    { OPENAI_CUSTOM_HEADERS: 'no header: at all\n\u00e9: x', OPENAI_LOG: 'nonsense' },
    { BUN_CONFIG_VERBOSE_FETCH: 'curl', DEBUG: '*', NODE_TLS_REJECT_UNAUTHORIZED: '0' },
  ];
  expect(plain).toMatchObject({ answer: { kind: 'reply' }, alive: { kind: 'alive' }, stderr: '' });
  const [ask, list] = server.requests;
  expect(ask?.head).toContain(`Bearer ${KEY}`);
  for (const env of environments) {
    const before = server.requests.length;
    const ran = await run(env, server.apiUrl, KEY);
    expect(server.requests.slice(before)).toEqual([ask, list] as never);
    expect(ran.answer).toMatchObject({ kind: 'reply', reply: { verdict: 'allow' } });
    // Bun warns of what TLS without certificates is.
    expect(ran.stderr.replace(/^.*NODE_TLS_REJECT_UNAUTHORIZED.*$/gm, '').trim()).toBe('');
  }
  expect(elsewhere.requests).toHaveLength(0);
});

test('without a key none is sent, though the environment has one', async () => {
  const before = server.requests.length;
  await run(
    { OPENAI_API_KEY: 'sk-of-another', OPENAI_CUSTOM_HEADERS: 'Authorization: Bearer sk-x' },
    server.apiUrl,
  );
  for (const request of server.requests.slice(before)) expect(request.head).not.toMatch(/authorization|sk-/i);
});

test('certificates are checked, whatever the environment says', async () => {
  const workshop = new Workshop();
  const made = workshop.make({ names: ['IP:127.0.0.1'] });
  workshop.close();
  const secure = await rawServer(saying(SAYING(ALLOW)), { tls: { cert: made.cert, key: made.key } });
  const ran = await run({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }, secure.apiUrl, KEY);
  expect(ran).toMatchObject({ answer: { why: 'unreachable' }, alive: { kind: 'unreachable' }, unhandled: 0 });
  expect(secure.requests).toHaveLength(0);
  await secure.close();
});

const half = event(piece({ content: '{"verdict":' }));
const ENDS: readonly [string, Answering][] = [
  ['hangs', () => undefined],
  ['hangs in the middle', (socket) => socket.write(head() + half)],
  ['is reset', (socket) => socket.resetAndDestroy()],
  ['is reset in the middle', (socket) => socket.write(head() + half, () => socket.resetAndDestroy())],
  ['closes', (socket) => socket.end()],
  ['closes in the middle', (socket) => socket.end(head() + half)],
  ['sends no JSON', saying('data: {"a":\n\n')],
  ['refuses everything', saying('{"error":"no"}', 'application/json', 400)],
  ['never ends', (socket) => socket.write(head() + 'x'.repeat(10_000_000))],
  ['speaks another tongue', (socket) => socket.end('SSH-2.0-x\r\n')],
];

test.each(ENDS)(
  'no promise is left unhandled, nothing written and no process held, by a server that %s',
  async (_, answering) => {
    const odd = await rawServer(answering);
    const ran = await run({}, odd.apiUrl, KEY, '50');
    expect(ran).toMatchObject({ answer: { kind: 'failed' }, unhandled: 0, stderr: '' });
    await odd.close();
  },
);
