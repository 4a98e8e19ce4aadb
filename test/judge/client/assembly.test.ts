import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Assembly } from '../../../src/judge/client/assembly.ts';
import { type Answering, answerTo, event, piece, saying } from './model-server.ts';

const W = '{"domain":"a.example"}';
const D = '{"name":"b.example"}';
const WHOIS = { id: 'w', name: 'WHOIS', arguments: W };
const DNS = { id: 'd', name: 'DNS_RESOLVE', arguments: D };

/** A piece of a call; what is undefined is left out. */
const part = (index: unknown, id: unknown, name: unknown, args: unknown): object => ({
  index,
  id,
  function: { name, arguments: args },
});
const u = undefined;
/** An id that a server left out. */
const FRESH = expect.stringMatching(/^[a-z0-9]{9}$/);
/** Streams of pieces, and the calls they are. */
const STREAMS: readonly [string, readonly object[], readonly object[]][] = [
  ['whole', [part(0, 'w', 'WHOIS', W), part(1, 'd', 'DNS_RESOLVE', D)], [WHOIS, DNS]],
  [
    'as OpenAI sends them',
    [
      part(0, 'w', 'WHOIS', ''),
      ...[...W].map((c) => part(0, u, u, c)),
      part(1, 'd', 'DNS_RESOLVE', ''),
      part(1, u, u, D),
    ],
    [WHOIS, DNS],
  ],
  [
    'interleaved',
    [
      part(0, 'w', 'WHOIS', ''),
      part(1, 'd', 'DNS_RESOLVE', ''),
      part(0, u, u, W.slice(0, 5)),
      part(1, u, u, D.slice(0, 9)),
      part(0, u, u, W.slice(5)),
      part(1, u, u, D.slice(9)),
    ],
    [WHOIS, DNS],
  ],
  [
    'with indexes that begin anywhere',
    [part(7, 'w', 'WHOIS', W), part(3, 'd', 'DNS_RESOLVE', D)],
    [WHOIS, DNS],
  ],
  [
    'with the same index (Gemini, Ollama)',
    [part(0, 'w', 'WHOIS', W), part(0, 'd', 'DNS_RESOLVE', D)],
    [WHOIS, DNS],
  ],
  [
    'with the same index, without arguments',
    [part(0, 'w', 'WHOIS', u), part(0, 'd', 'DNS_RESOLVE', u)],
    [
      { ...WHOIS, arguments: '' },
      { ...DNS, arguments: '' },
    ],
  ],
  [
    'without indexes',
    [part(u, 'w', 'WHOIS', ''), part(u, u, u, W), part(u, 'd', 'DNS_RESOLVE', ''), part(u, u, u, D)],
    [WHOIS, DNS],
  ],
  [
    'without indexes and ids',
    [part(u, u, 'WHOIS', W.slice(0, 4)), part(u, u, u, W.slice(4)), part(u, u, 'DNS_RESOLVE', D)],
    [
      { ...WHOIS, id: FRESH },
      { ...DNS, id: FRESH },
    ],
  ],
  [
    'with an id that changes (vLLM, once)',
    [part(0, 'w', 'WHOIS', ''), part(0, 'x', u, W.slice(0, 3)), part(0, 'y', u, W.slice(3))],
    [WHOIS],
  ],
  ['with null for what is left out', [part(0, 'w', 'WHOIS', null), part(0, null, null, W)], [WHOIS]],
  [
    'with the name in each piece',
    [part(0, 'w', 'WHOIS', W.slice(0, 3)), part(0, 'w', 'WHOIS', W.slice(3))],
    [WHOIS],
  ],
  [
    'with the name in each piece, before arguments too',
    [part(0, 'w', 'WHOIS', ''), part(0, 'w', 'WHOIS', W)],
    [WHOIS],
  ],
  ['with the name again after the arguments', [part(0, 'w', 'WHOIS', W), part(0, 'w', 'WHOIS', '')], [WHOIS]],
  ['with arguments that are an object', [part(0, 'w', 'WHOIS', JSON.parse(W))], [WHOIS]],
];

/** What a stream of pieces of calls comes to. */
function assembled(parts: readonly object[]): Assembly {
  const assembly = new Assembly(0);
  for (const one of JSON.parse(JSON.stringify(parts))) {
    expect(assembly.add(piece({ tool_calls: [one] }))).toBeNull();
  }
  return assembly;
}

test.each(STREAMS)('calls are put together: %s', (_, parts, calls) => {
  expect(assembled(parts).message.toolCalls).toMatchObject(calls as never);
});

test('calls of a whole message are told apart by their order alone', async () => {
  const calls = [
    { type: 'function', function: { name: 'WHOIS', arguments: W } },
    { type: 'function', function: { name: 'WHOIS', arguments: '{}' } },
    { function: { name: 'DNS_RESOLVE', arguments: JSON.parse(D) } },
  ];
  const body = JSON.stringify({
    choices: [{ message: { content: null, tool_calls: calls }, finish_reason: 'tool_calls' }],
  });
  const answer = await answerTo(saying(body, 'application/json'));
  const ids = JSON.stringify(answer).match(/"callId":"\w+"/g);
  expect(new Set(ids).size).toBe(3);
  expect(answer).toMatchObject({
    dialect: 'native',
    reply: {
      kind: 'calls',
      calls: [
        { callId: FRESH, tool: 'WHOIS', args: JSON.parse(W) },
        { callId: FRESH, tool: 'WHOIS', args: {} },
        { callId: FRESH, tool: 'DNS_RESOLVE', args: JSON.parse(D) },
      ],
    },
  });
});

test('a verdict that is called is a verdict', async () => {
  const args = '{"verdict":"block","reasons":["bad"],"evidence":["E1"]}';
  const calls = [
    event(piece({ tool_calls: [part(0, 'v', 'VERDICT', args)] })),
    event(piece({}, 'tool_calls')),
  ].join('');
  expect(await answerTo(saying(calls))).toMatchObject({
    dialect: 'native',
    reply: { kind: 'verdict', verdict: 'block' },
  });
});

test('a reply of more calls than a model makes is too long', () => {
  const assembly = assembled(Array.from({ length: 32 }, (_, i) => part(i, `c${i}`, `T${i}`, '{')));
  const told = { why: 'too_long', detail: 'the model wrote more than 200000 characters or 32 calls' };
  expect(assembly.add(piece({ tool_calls: [part(32, 'c32', 'MORE', '{')] }))).toMatchObject(told);
});

test('calls cut anywhere are the same calls', () => {
  const cuts = fc.array(fc.nat(60), { maxLength: 8 });
  fc.assert(
    fc.property(cuts, cuts, fc.boolean(), (first, second, isMixed) => {
      const parts = [pieces(0, 'w', 'WHOIS', W, first), pieces(1, 'd', 'DNS_RESOLVE', D, second)];
      const { toolCalls } = assembled(isMixed ? alternating(parts) : parts.flat()).message;
      expect(toolCalls).toMatchObject([WHOIS, DNS]);
    }),
  );
});

test('no JSON makes the assembly throw', () => {
  const key = fc.constantFrom(
    'choices',
    'delta',
    'message',
    'tool_calls',
    'function',
    'arguments',
    'index',
    'id',
    'name',
    'content',
    'usage',
    'finish_reason',
    'error',
  );
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 6 },
      fc.jsonValue({ maxDepth: 1 }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 5 }), (values) => {
      const assembly = new Assembly(4);
      for (const value of values) assembly.add(value);
      expect(assembly.message.toolCalls.length).toBeLessThanOrEqual(33);
      expect(assembly.tokens.completion).toBeGreaterThanOrEqual(0);
    }),
  );
});

function pieces(index: number, id: string, name: string, args: string, cuts: readonly number[]): object[] {
  const at = [...new Set([0, ...cuts.map((cut) => cut % args.length), args.length])].sort((a, b) => a - b);
  return [
    part(index, id, name, ''),
    ...at.slice(1).map((end, i) => part(index, u, u, args.slice(at[i], end))),
  ];
}

function alternating(lists: readonly (readonly object[])[]): object[] {
  const most = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: most }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat();
}

test.each([
  ['as the server counted', { prompt_tokens: 700, completion_tokens: 50 }, { prompt: 700, completion: 50 }],
  [
    'counted with parts of no use',
    { prompt_tokens: 700, completion_tokens: 0, prompt_tokens_details: null },
    { prompt: 700, completion: 0 },
  ],
  ['estimated without a count', null, { prompt: 25, completion: 3 }],
  [
    'estimated for a negative count',
    { prompt_tokens: -5, completion_tokens: 50 },
    { prompt: 25, completion: 3 },
  ],
  [
    'estimated for an absurd count',
    { prompt_tokens: 1e18, completion_tokens: 50 },
    { prompt: 25, completion: 3 },
  ],
  ['estimated for half a count', { prompt_tokens: 700 }, { prompt: 25, completion: 3 }],
  [
    'estimated for a count that is none',
    { prompt_tokens: '7', completion_tokens: 5.5 },
    { prompt: 25, completion: 3 },
  ],
  [
    'estimated for a count of nothing',
    { prompt_tokens: 0, completion_tokens: 0 },
    { prompt: 25, completion: 3 },
  ],
])('tokens are %s', (_, usage, tokens) => {
  const assembly = new Assembly(100);
  assembly.add(piece({ content: 'twelve chars' }, 'stop'));
  assembly.add({ choices: [], usage });
  expect(assembly.tokens).toEqual(tokens);
});

test('of counts that come with every piece the last one holds', () => {
  const assembly = new Assembly(1);
  assembly.add(piece({ content: 'a' }, 'stop', { usage: { prompt_tokens: 9, completion_tokens: 1 } }));
  assembly.add(piece({ content: 'b' }, 'stop', { usage: { prompt_tokens: 9, completion_tokens: 2 } }));
  expect(assembly.message.content).toBe('ab');
  expect(assembly.tokens).toEqual({ prompt: 9, completion: 2 });
});

test('tokens are told of replies, and of what a server had taken before it failed; nothing is spent on a refusal', async () => {
  const usage = event({ choices: [], usage: { prompt_tokens: 700, completion_tokens: 50 } });
  const said = event(piece({ content: 'twelve chars' }));
  const spent = async (answering: Answering): Promise<object> => (await answerTo(answering)).tokens;
  expect(await spent(saying(said + event(piece({}, 'stop')) + usage))).toEqual({
    prompt: 700,
    completion: 50,
  });
  expect(await spent(saying(usage + said))).toEqual({ prompt: 700, completion: 50 });
  expect(await spent(saying(said))).toEqual({ prompt: 21, completion: 3 });
  expect(await spent(saying(''))).toEqual({ prompt: 21, completion: 0 });
  expect(await spent(saying('{}', 'application/json', 429))).toEqual({ prompt: 0, completion: 0 });
  expect(await spent((socket) => socket.end())).toEqual({ prompt: 0, completion: 0 });
});
