import { expect, setDefaultTimeout, test } from 'bun:test';
import { checkServer, isAlive } from '../../../src/judge/client/server-check.ts';
import { type JudgeCheck, judgeCheckSchema } from '../../../src/schema/judge.ts';
import { PERSONAS, type Persona } from '../scripted-model/script.ts';
import { startScriptedModel } from '../scripted-model/scripted-model.ts';
import {
  ALLOW,
  type Answering,
  event,
  head,
  NEVER,
  piece,
  type RawServer,
  rawServer,
  SAYING,
  saying,
} from './model-server.ts';

setDefaultTimeout(30_000);
const LIMITS = { listMs: 2_000, firstReplyMs: 2_000, replyMs: 2_000 };
const HURRIED = { listMs: 300, firstReplyMs: 200, replyMs: 200 };
const KEY = 'sk-0123456789-abcdefghij';

/** What was found, as signs: + is, - is not, ? was not tried. */
const signs = (check: JudgeCheck): string =>
  [
    check.reachable,
    check.completion,
    check.streaming,
    check.nativeTools,
    check.structured,
    check.textProtocol,
  ]
    .map(({ ok, ms }) => (ok ? '+' : ms === null ? '?' : '-'))
    .join('') + (check.usable ? ' usable' : '');

/** reachable, completion, streaming, native tools, structured, text protocol. */
const PERSONA_SIGNS: Readonly<Record<Persona, readonly [string, RegExp?]>> = {
  'well-behaved': ['++++++ usable'],
  slow: ['++++++ usable'],
  verbose: ['+++--+ usable'],
  hanging: ['+-????', /^timed_out: no whole reply within 200 ms$/],
  'hangs-mid-stream': ['+-????', /^timed_out: no whole reply within 200 ms$/],
  'dies-mid-stream': ['+-????', /^broken: /],
  'loops-on-tools': ['++++-+ usable'],
  'obeys-injection': ['++++++ usable'],
  'text-only': ['+++-++ usable'],
  garbage: ['+-????', /^broken: /],
  'rate-limited': ['+-????', /^rate_limited: HTTP 429: it asks to wait 1 s; too many requests$/],
  refusing: ['-?????'],
  lying: ['++++++ usable'],
  'page-only': ['+++-+- usable'],
  believing: ['++++++ usable'],
};

test.each(PERSONAS)('a %s model is found to be what it is', async (persona) => {
  const [found, completion] = PERSONA_SIGNS[persona];
  const model = await startScriptedModel({ persona });
  const limits = persona.startsWith('hang') ? HURRIED : LIMITS;
  const check = await checkServer({ apiUrl: model.apiUrl, model: 'scripted', apiKey: KEY }, NEVER, limits);
  expect(judgeCheckSchema.strict().parse(check)).toEqual(check);
  expect(signs(check)).toBe(found);
  if (completion !== undefined) expect(check.completion.detail).toMatch(completion);
  expect(check.models).toEqual(persona === 'refusing' ? [] : ['scripted']);
  expect(JSON.stringify(check)).not.toContain(KEY);
  await model.close();
});

/** A server of models that answers lists as given, and everything else with a reply. */
const listing =
  (list: Answering): Answering =>
  (socket, request, count) =>
    (request.head.startsWith('GET') ? list : saying(SAYING('The model is ready. '.repeat(2))))(
      socket,
      request,
      count,
    );
const json = (body: unknown, status = 200, more: string[] = []): Answering =>
  saying(JSON.stringify(body), 'application/json', status, more);

const LISTS: readonly [string, Answering, 'alive' | 'refused' | 'unreachable', RegExp][] = [
  ['lists its models', json({ data: [{ id: 'a' }, { id: 'b' }] }), 'alive', /^2 models$/],
  ['has one model', json({ data: [{ id: 'a', object: 'model' }] }), 'alive', /^1 model$/],
  ['has none', json({ object: 'list', data: [] }), 'alive', /^0 models$/],
  [
    'has no list',
    json({ detail: 'Not Found' }, 404),
    'alive',
    /^it answers, and has no list of models \(HTTP 404\)$/,
  ],
  ['takes no GET', json({ error: 'no' }, 405), 'alive', /^HTTP 405: no$/],
  ['fails', json({ error: { message: 'oops' } }, 500), 'alive', /^HTTP 500: oops$/],
  [
    'is busy',
    json({ error: 'slow down' }, 429, ['retry-after: 7']),
    'alive',
    /^HTTP 429: it asks to wait 7 s; slow down$/,
  ],
  [
    'sends a page',
    saying('<h1>Welcome</h1>', 'text/html'),
    'alive',
    /^it answers, but with no list of models$/,
  ],
  ['sends another list', json([{ id: 'a' }]), 'alive', /no list of models$/],
  ['sends half a list', saying('{"data":[{"id":"a"', 'application/json'), 'alive', /no list of models$/],
  [
    'wants a key',
    json({ error: { message: 'no key' } }, 401),
    'refused',
    /^the server does not take the key: HTTP 401: no key$/,
  ],
  [
    'forbids it',
    json({ error: 'who?' }, 403),
    'refused',
    /^the server does not take the key: HTTP 403: who\?$/,
  ],
  [
    'is loading its model (llama.cpp)',
    json({ error: { code: 503, message: 'Loading model' } }, 503),
    'unreachable',
    /^HTTP 503: Loading model$/,
  ],
  [
    'stands before one that is gone',
    saying('<h1>Bad Gateway</h1>', 'text/html', 502),
    'unreachable',
    /^HTTP 502: Bad Gateway$/,
  ],
  [
    'moved',
    saying('', '', 301, ['location: /api/v1']),
    'unreachable',
    /^HTTP 301: it redirects to \/api\/v1; set judge.apiUrl/,
  ],
  ['hangs', () => undefined, 'unreachable', /^no whole reply within 300 ms$/],
  [
    'hangs in the middle',
    (socket) => socket.write(`${head(200)}{"data":[`),
    'unreachable',
    /^(no whole reply within|the reply stopped for) 300 ms$/,
  ],
  ['closes', (socket) => socket.end(), 'unreachable', /closed the connection without an answer/],
  ['resets', (socket) => socket.resetAndDestroy(), 'unreachable', /closed the connection without an answer/],
  [
    'speaks SSH',
    (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
    'unreachable',
    /does not speak HTTP as a model server does/,
  ],
  [
    'compresses, unasked',
    saying('x', 'application/json', 200, ['content-encoding: gzip']),
    'unreachable',
    /compresses its answer/,
  ],
  [
    'sends more than a list',
    (socket) => socket.write(`${head(200)}{"data":[${'{"id":"m"},'.repeat(300_000)}`),
    'alive',
    /no list of models$/,
  ],
];

test.each(LISTS)('whether a server is there that %s', async (_, list, kind, detail) => {
  const server = await rawServer(listing(list));
  expect(await isAlive(optionsOf(server), 300)).toEqual({ kind, detail: expect.stringMatching(detail) });
  await server.idle();
  await server.close();
});

test('a server without a list of models is used all the same, and one that refuses the key, or is not there, is not asked more', async () => {
  for (const [, list, kind, detail] of LISTS) {
    const server = await rawServer(listing(list));
    const check = await checkServer(optionsOf(server), NEVER, { ...LIMITS, listMs: 300 });
    expect(check.reachable).toMatchObject({ ok: kind === 'alive' });
    expect(`the server does not take the key: ${check.reachable.detail} ${check.reachable.detail}`).toMatch(
      new RegExp(detail.source.replace(/^\^|\$$/g, '')),
    );
    expect(check.completion.ok).toBe(kind === 'alive');
    expect(server.requests.some(({ head: line }) => line.startsWith('POST'))).toBe(kind === 'alive');
    await server.close();
  }
});

test('what listens nowhere, has no name, or no certificate to trust is not there', async () => {
  const gone = await rawServer(() => undefined);
  await gone.close();
  const there = { model: 'm', apiKey: KEY };
  expect(await isAlive({ ...there, apiUrl: gone.apiUrl }, 2_000)).toEqual({
    kind: 'unreachable',
    detail: `127.0.0.1:${gone.port}: nothing listens there (ECONNREFUSED)`,
  });
  const unnamed = await isAlive({ ...there, apiUrl: 'http://no-such-host.invalid/v1' }, 5_000);
  expect(unnamed).toEqual({
    kind: 'unreachable',
    detail: expect.stringContaining('its name cannot be resolved'),
  });
});

test('models are told up to fifty, cleaned, each as long as a name', async () => {
  const data = Array.from({ length: 80 }, (_, i) => ({ id: `\u001b[31m${i}${'x'.repeat(500)}` }));
  const server = await rawServer(listing(json({ data })));
  const check = await checkServer(optionsOf(server), NEVER, LIMITS);
  expect(check.models).toHaveLength(50);
  expect(check.reachable.detail).toBe('80 models');
  for (const name of check.models) expect(name).toMatch(/^·\[31m\d+x+…$/);
  expect(Math.max(...check.models.map((name) => name.length))).toBe(100);
  await server.close();
});

test('a check ends with its signal, whatever is being tried', async () => {
  for (const method of ['GET', 'POST']) {
    const end = new AbortController();
    const server = await rawServer((socket, request) => {
      if (!request.head.startsWith(method)) json({ data: [] })(socket, request, 0);
      else setImmediate(() => end.abort());
    });
    const check = await checkServer(optionsOf(server), end.signal);
    expect(check.usable).toBe(false);
    await server.idle();
    await server.close();
  }
});

interface Asked {
  readonly tools?: unknown;
  readonly response_format?: unknown;
  readonly stream: boolean;
  readonly messages: readonly { readonly content: string }[];
}
/** A model that answers by what it is asked for. */
const model =
  (answer: (asked: Asked) => Answering): Answering =>
  (socket, request, count) => {
    if (request.head.startsWith('GET')) json({ data: [{ id: 'm' }] })(socket, request, count);
    else answer(JSON.parse(request.body) as Asked)(socket, request, count);
  };
const call = saying(
  event(
    piece({
      tool_calls: [
        { index: 0, id: 'c', function: { name: 'HISTORY', arguments: '{"domain":"example.com"}' } },
      ],
    }),
  ) + event(piece({}, 'tool_calls')),
);
const written = '{"tool":"HISTORY","args":{"domain":"example.com"}}';
const prose = 'The domain is safe. My verdict: allow';
const pieces = (text: string): Answering =>
  saying([...text].map((c) => event(piece({ content: c }))).join('') + event(piece({}, 'stop')));

const MODELS: readonly [string, (asked: Asked) => Answering, string, RegExp][] = [
  [
    'can do everything',
    ({ tools, response_format }) => (tools ? call : response_format ? pieces(ALLOW) : pieces(written)),
    '++++++ usable',
    /./,
  ],
  [
    'takes a schema and does not keep to it',
    ({ tools, response_format }) => (tools ? call : response_format ? pieces(prose) : pieces(written)),
    '++++-+ usable',
    /not in the form|neither/,
  ],
  [
    'takes tools and writes their calls',
    ({ response_format }) => (response_format ? pieces(ALLOW) : pieces(written)),
    '+++-++ usable',
    /did not call as/,
  ],
  ['only chats', () => pieces('Hello! How can I help?'), '+++--- ', /./],
  [
    'thinks until its limit',
    () => saying(event(piece({ content: 'well' }, 'length'))),
    '+-???? ',
    /^too_long: the reply was cut at its limit of tokens$/,
  ],
  [
    'does not stream',
    ({ stream, tools }) =>
      stream
        ? json({ error: 'streaming is not supported' }, 400)
        : tools
          ? json({
              choices: [
                {
                  message: {
                    tool_calls: [
                      { id: 'c', function: { name: 'HISTORY', arguments: '{"domain":"example.com"}' } },
                    ],
                  },
                  finish_reason: 'tool_calls',
                },
              ],
            })
          : json({ choices: [{ message: { content: written }, finish_reason: 'stop' }] }),
    '++-+-+ usable',
    /./,
  ],
  [
    'wants max_completion_tokens',
    (asked) =>
      'max_tokens' in asked
        ? json({ error: "use 'max_completion_tokens' for max_tokens" }, 400)
        : asked.tools
          ? call
          : pieces(asked.response_format ? ALLOW : written),
    '++++++ usable',
    /./,
  ],
];

test.each(MODELS)('a model that %s is found out', async (_, answer, found, detail) => {
  const server = await rawServer(model(answer));
  const check = await checkServer(optionsOf(server), NEVER, LIMITS);
  expect(signs(check)).toBe(found.trim());
  const details = [check.completion, check.nativeTools, check.structured, check.textProtocol].map(
    (one) => one.detail,
  );
  expect(details.some((one) => detail.test(one))).toBe(true);
  await server.close();
});

function optionsOf(server: RawServer): { apiUrl: string; model: string; apiKey: string } {
  return { apiUrl: server.apiUrl, model: 'm', apiKey: KEY };
}
