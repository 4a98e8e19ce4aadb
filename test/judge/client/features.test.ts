import { expect, test } from 'bun:test';
import { Model } from '../../../src/judge/client/client.ts';
import { ALL_FEATURES, type Features } from '../../../src/judge/client/features.ts';
import type { ModelAnswer, ModelRequest } from '../../../src/judge/core/model.ts';
import { SPECS } from '../core/examples.ts';
import {
  ALLOW,
  type Answering,
  event,
  head,
  LIMITS,
  NEVER,
  piece,
  QUESTION,
  type RawServer,
  rawServer,
  SAYING,
} from './model-server.ts';

interface Body {
  readonly messages: readonly { readonly role: string }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
  readonly stream: boolean;
  readonly [field: string]: unknown;
}
/** What is wrong with a request, in the eyes of a server. */
type Objection = (body: Body) => string | null;

const WITH_TOOLS: ModelRequest = { ...QUESTION, tools: SPECS };
/** A round of native calls was made before. */
const LATER: ModelRequest = {
  ...WITH_TOOLS,
  messages: [
    ...QUESTION.messages,
    { role: 'assistant', text: '', calls: [{ callId: 'c1', tool: 'WHOIS', args: {} }] },
    { role: 'tool', callId: 'c1', tool: 'WHOIS', text: 'registered 1997' },
  ],
};

function objecting(objection: Objection, status: number): Answering {
  return (socket, request) => {
    const body = JSON.parse(request.body) as Body;
    const said = objection(body);
    const whole = JSON.stringify({ choices: [{ message: { content: ALLOW }, finish_reason: 'stop' }] });
    if (said === null)
      socket.end(body.stream ? head() + SAYING(ALLOW) : head(200, 'application/json') + whole);
    else if (status === 200) socket.end(head() + event({ error: { message: said } }));
    else socket.end(head(status, 'application/json') + JSON.stringify({ error: { message: said } }));
  };
}

async function withServer(
  answering: Answering,
  use: (model: Model, server: RawServer) => Promise<void>,
): Promise<void> {
  const server = await rawServer(answering);
  await use(new Model({ apiUrl: server.apiUrl, model: 'm', apiKey: null, retries: false }), server);
  await server.close();
}

const bodies = (server: RawServer): readonly Body[] => server.requests.map(({ body }) => JSON.parse(body));
const isAllow = (answer: ModelAnswer): void =>
  expect(answer).toMatchObject({ kind: 'reply', reply: { verdict: 'allow' } });
const has =
  (field: string, words: string): Objection =>
  (body) =>
    body[field] === undefined ? null : words;
const all =
  (...objections: readonly Objection[]): Objection =>
  (body) =>
    objections.map((objection) => objection(body)).find((said) => said !== null) ?? null;
const hasRole =
  (role: string, words: string): Objection =>
  ({ messages }) =>
    messages.some((message) => message.role === role) ? words : null;
const streams: (words: string) => Objection = (words) => (body) => (body.stream ? words : null);

const TEMPERATURE =
  "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.";
const MAX =
  "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
const ALTERNATE = 'Conversation roles must alternate user/assistant/user/assistant/...';
const EVERYTHING = all(
  has('tools', 'no'),
  has('response_format', 'no'),
  has('stream_options', 'no'),
  has('temperature', 'no'),
  has('max_tokens', MAX),
  hasRole('system', 'System role not supported'),
  streams('no'),
);

/** What is left out, one after the other, where a server does not say what it lacks. */
const GUESSED = { schemaWithTools: false, schema: false, tools: false };

const SERVERS: readonly [string, number, ModelRequest, Objection, Partial<Features>][] = [
  [
    'does not support tools (Ollama)',
    400,
    WITH_TOOLS,
    has('tools', 'registry.ollama.ai/library/m does not support tools'),
    { tools: false },
  ],
  [
    'wants a flag for tools (llama.cpp)',
    500,
    WITH_TOOLS,
    has('tools', 'tools param requires --jinja flag'),
    { tools: false },
  ],
  [
    'wants flags for tools (vLLM)',
    400,
    WITH_TOOLS,
    has('tools', '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    { tools: false },
  ],
  [
    'finds nobody with tools (OpenRouter)',
    404,
    WITH_TOOLS,
    has('tools', 'No endpoints found that support tool use.'),
    { tools: false },
  ],
  ['breaks off because of tools', 200, WITH_TOOLS, has('tools', 'tools are not supported'), { tools: false }],
  ['has a template without tools', 500, LATER, hasRole('tool', ALTERNATE), { tools: false }],
  [
    'has no schemas',
    400,
    QUESTION,
    has('response_format', "'response_format.type' must be 'text'"),
    { schema: false },
  ],
  [
    'cannot compile a schema',
    400,
    QUESTION,
    has('response_format', 'failed to parse grammar'),
    { schema: false },
  ],
  [
    'does not know stream_options',
    422,
    WITH_TOOLS,
    has('stream_options', 'Unrecognized request argument supplied: stream_options'),
    { usage: false },
  ],
  ['has one temperature', 400, WITH_TOOLS, has('temperature', TEMPERATURE), { temperature: false }],
  ['has another name for max_tokens', 400, WITH_TOOLS, has('max_tokens', MAX), { maxTokens: false }],
  [
    'has no role for instructions (Gemma)',
    500,
    WITH_TOOLS,
    hasRole('system', 'System role not supported'),
    { system: false },
  ],
  ['does not stream', 400, WITH_TOOLS, streams('streaming is not supported'), { streaming: false }],
  ...(
    [
      ['llama.cpp', 500, 'Cannot use custom grammar constraints with tools.'],
      ['Groq', 400, 'json mode cannot be combined with tool/function calling'],
      ['Gemini', 400, "Function calling with a response mime type: 'application/json' is unsupported"],
      ['a gateway', 422, ''],
    ] as const
  ).map(([name, status, words]): [string, number, ModelRequest, Objection, Partial<Features>] => [
    `takes no schema beside tools (${name})`,
    status,
    WITH_TOOLS,
    (body) => (body.tools === undefined || body.response_format === undefined ? null : words),
    { schemaWithTools: false },
  ]),
  [
    'says no to tools',
    400,
    WITH_TOOLS,
    has('tools', 'bad request'),
    { schemaWithTools: false, tools: false },
  ],
  [
    'blames what it was not asked for',
    400,
    QUESTION,
    has('response_format', 'this function is not available'),
    { schema: false },
  ],
  ['says no to a schema', 422, QUESTION, has('response_format', ''), { schema: false }],
  [
    'says no to tools it has seen',
    501,
    { ...LATER, tools: [] },
    hasRole('tool', ''),
    { schema: false, tools: false },
  ],
  ['says no to counting', 400, WITH_TOOLS, has('stream_options', ''), { ...GUESSED, usage: false }],
  [
    'says no to a temperature',
    400,
    WITH_TOOLS,
    has('temperature', ''),
    { ...GUESSED, usage: false, temperature: false },
  ],
  [
    'says no to streams',
    400,
    WITH_TOOLS,
    streams(''),
    { ...GUESSED, usage: false, temperature: false, streaming: false },
  ],
  [
    'says no to everything',
    400,
    WITH_TOOLS,
    EVERYTHING,
    { ...GUESSED, usage: false, temperature: false, streaming: false, maxTokens: false, system: false },
  ],
];

test.each(SERVERS)(
  'a server that %s is asked without that, then and from then on',
  async (_, status, request, objection, lacking) => {
    await withServer(objecting(objection, status), async (model, server) => {
      isAllow(await model.ask(request, LIMITS, NEVER));
      expect(model.features).toEqual({ ...ALL_FEATURES, ...lacking });
      const asked = server.requests.length;
      isAllow(await model.ask(request, LIMITS, NEVER));
      expect(server.requests.length).toBe(asked + 1);
    });
  },
);

const say =
  (words: string): Objection =>
  () =>
    words;
const OTHERS: readonly [string, number, Objection, number][] = [
  ['does not have the model', 404, say("model 'm' not found, try pulling it first"), 1],
  ['does not have the model, and says 400', 400, say('The model `m` does not exist'), 1],
  ['has no model loaded', 400, say('No models loaded. Please load a model in the developer page'), 1],
  ['is another kind of server', 404, say('404 page not found'), 1],
  ['finds the conversation too long', 400, say("This model's maximum context length is 4096 tokens."), 1],
  ['does not take the key', 401, say('tools are for those with a key'), 1],
  ['has had enough', 429, say('too many tools today'), 1],
  ['fails', 500, say('internal error'), 1],
  ['is loading', 503, say('loading the model, its tools too'), 1],
  ['breaks off', 200, say('out of memory'), 1],
  ['says no whatever it is asked', 400, say('no'), 7],
];

test.each(OTHERS)('nothing is learned from a server that %s', async (_, status, objection, requests) => {
  await withServer(objecting(objection, status), async (model, server) => {
    expect(await model.ask(WITH_TOOLS, LIMITS, NEVER)).toMatchObject({ kind: 'failed' });
    expect(model.features).toEqual(ALL_FEATURES);
    expect(server.requests).toHaveLength(requests);
  });
});

test('nothing is learned from a reply that had begun', async () => {
  const begun: Answering = (socket) =>
    socket.end(head() + event(piece({ content: '{' })) + event({ error: 'tools broke' }));
  await withServer(begun, async (model, server) => {
    expect(await model.ask(WITH_TOOLS, LIMITS, NEVER)).toMatchObject({ kind: 'failed' });
    expect(model.features).toEqual(ALL_FEATURES);
    expect(server.requests).toHaveLength(1);
  });
});

test('what one question learns is not forgotten by another that was asked before', async () => {
  const arrived = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const objection = objecting(has('response_format', 'response_format is not supported'), 400);
  const answering: Answering = (socket, request, count) => {
    if (!request.body.includes('"tools":')) return objection(socket, request, count);
    arrived.resolve();
    void release.promise.then(() => objection(socket, request, count));
  };
  await withServer(answering, async (model) => {
    const slow = model.ask(WITH_TOOLS, LIMITS, NEVER);
    await arrived.promise;
    isAllow(await model.ask(QUESTION, LIMITS, NEVER));
    release.resolve();
    isAllow(await slow);
    expect(model.features).toEqual({ ...ALL_FEATURES, schema: false, schemaWithTools: false });
  });
});

test('what is known of a server is not tried', async () => {
  const server = await rawServer(objecting(() => null, 400));
  const features = { tools: false, schema: false, usage: false };
  const model = new Model({ apiUrl: server.apiUrl, model: 'm', apiKey: null, features });
  isAllow(await model.ask(WITH_TOOLS, LIMITS, NEVER));
  isAllow(await model.ask(QUESTION, LIMITS, NEVER));
  for (const body of bodies(server)) {
    expect(Object.keys(body).sort()).toEqual(['max_tokens', 'messages', 'model', 'stream', 'temperature']);
  }
  await server.close();
});

test('tools are offered with the verdict among them, and a schema of a step beside them, of a verdict where only that is wanted', async () => {
  await withServer(
    objecting(() => null, 400),
    async (model, server) => {
      await model.ask(WITH_TOOLS, LIMITS, NEVER);
      await model.ask(QUESTION, LIMITS, NEVER);
      const [first, second] = bodies(server);
      expect(first?.tools?.map((tool) => tool.function.name)).toEqual([
        ...SPECS.map(({ name }) => name),
        'VERDICT',
      ]);
      const format = (name: string): object => ({ type: 'json_schema', json_schema: { name, strict: true } });
      expect(first?.response_format).toMatchObject(format('step'));
      expect(second).not.toHaveProperty('tools');
      expect(second?.response_format).toMatchObject(format('verdict'));
      expect(first).toMatchObject({
        model: 'm',
        stream: true,
        stream_options: { include_usage: true },
        max_tokens: 500,
      });
    },
  );
});

test('a server that puts an answer under a schema into the thoughts of its model (LM Studio) is asked without one next time', async () => {
  const call = { index: 0, id: 'c', function: { name: 'WHOIS', arguments: '{"domain":"a.example"}' } };
  const written = '{"tool":"WHOIS","args":{"domain":"a.example"},"verdict":null}';
  const answering: Answering = (socket, request) => {
    const isHeld = request.body.includes('"response_format"');
    const delta = isHeld ? { reasoning_content: written, content: '' } : { tool_calls: [call] };
    socket.end(head() + event(piece(delta)) + event(piece({}, isHeld ? 'stop' : 'tool_calls')));
  };
  await withServer(answering, async (model) => {
    expect(await model.ask(WITH_TOOLS, LIMITS, NEVER)).toMatchObject({ reply: { kind: 'unreadable' } });
    expect(model.features).toEqual({ ...ALL_FEATURES, schemaWithTools: false });
    expect(await model.ask(WITH_TOOLS, LIMITS, NEVER)).toMatchObject({
      dialect: 'native',
      reply: { kind: 'calls', calls: [{ tool: 'WHOIS' }] },
    });
  });
});
