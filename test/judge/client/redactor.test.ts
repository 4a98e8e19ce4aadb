import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Redactor } from '../../../src/judge/client/redactor.ts';
import { isAlive } from '../../../src/judge/client/server-check.ts';
import { listModels } from '../../../src/judge/client/server-list.ts';
import { answerTo, askOnce, event, NEVER, piece, rawServer, saying } from './model-server.ts';

const KEY = 'sk-Zq7/9+xK_~~~?vB-a8Lw2=Tn5Yc0>>>?Rj4Ge6';
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** How a server may write what it was sent. */
const SPELLINGS: readonly (readonly [string, string])[] = [
  ['as it is', KEY],
  ['in capitals', KEY.toUpperCase()],
  ['for a URL', encodeURIComponent(KEY)],
  ['for a URL, in small letters', encodeURIComponent(KEY).toLowerCase()],
  ['in JSON', JSON.stringify(KEY)],
  ['in base64', base64(KEY)],
  ['in base64, with its word', base64(`Bearer ${KEY}`)],
  ['in base64, of a pair', base64(`me:${KEY}:you`)],
  ['in base64 for URLs', Buffer.from(`x ${KEY}`).toString('base64url')],
  ['twice', `${KEY}${KEY}`],
];

/** Whether a text tells twelve characters of the key, in any of these spellings. */
function leaks(text: string): boolean {
  const unescaped = text.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const unpacked = (text.match(/[\w+/-]{8,}/g) ?? []).flatMap((run) =>
    [0, 1, 2, 3].map((skipped) => Buffer.from(run.slice(skipped), 'base64').toString('latin1')),
  );
  const told = [text, unescaped, text.replaceAll('\\', ''), ...unpacked].join(' ').toLowerCase();
  const key = KEY.toLowerCase();
  return Array.from({ length: key.length - 11 }, (_, at) => key.slice(at, at + 12)).some((part) =>
    told.includes(part),
  );
}

const reply = (delta: object, finish: string | null = 'stop'): string => event(piece(delta, finish));
const call = (id: string, name: string, args: string): string =>
  reply({ tool_calls: [{ index: 0, id, function: { name, arguments: args } }] }, 'tool_calls');

/** Where a server may put it. */
const PLACES: readonly [string, (text: string) => ReturnType<typeof saying>][] = [
  [
    'an error',
    (text) =>
      saying(JSON.stringify({ error: { message: `bad key ${text} given` } }), 'application/json', 401),
  ],
  ['an error of another form', (text) => saying(`<p>no ${text}</p>`, 'text/html', 500)],
  [
    'a refusal of a feature',
    (text) => saying(JSON.stringify({ error: `tools ${text}` }), 'application/json', 400),
  ],
  ['a redirect', (text) => saying('', '', 302, [`location: https://evil.example/?k=${text}`])],
  ['a page', (text) => saying(`<p>${text}`, 'text/html')],
  ['an event', (text) => saying(`data: ${text}\n\n`)],
  ['an error in a stream', (text) => saying(event({ error: { message: text } }))],
  ['its text', (text) => saying(reply({ content: `the key is ${text}. Done` }))],
  ['its thoughts', (text) => saying(reply({ reasoning_content: `the key is ${text}.`, content: '' }))],
  [
    'a verdict',
    (text) =>
      saying(reply({ content: JSON.stringify({ verdict: 'allow', reasons: [text], evidence: [text] }) })),
  ],
  ['the name of a tool', (text) => saying(call('c1', text, '{}'))],
  ['the arguments of a call', (text) => saying(call('c1', 'WHOIS', JSON.stringify({ domain: text })))],
  ['the id of a call', (text) => saying(call(text, 'WHOIS', '{}'))],
  ['the reason to end', (text) => saying(reply({ content: 'x' }, text))],
  ['the coding of its answer', (text) => saying('x', 'text/plain', 200, [`content-encoding: ${text}`])],
];

test.each(PLACES)(
  'a server that puts the key into %s does not get it into anything that is kept',
  async (_, place) => {
    for (const [, written] of SPELLINGS) {
      const answer = await answerTo(place(written), { apiKey: KEY });
      expect(leaks(JSON.stringify(answer))).toBe(false);
    }
  },
);

test('the key stands in nothing that a server lists as its models, or says of itself', async () => {
  for (const [, written] of SPELLINGS) {
    const server = await rawServer(
      saying(JSON.stringify({ data: [{ id: `m-${written}` }] }), 'application/json'),
    );
    const options = { apiUrl: server.apiUrl, model: 'm', apiKey: KEY };
    expect(leaks(JSON.stringify(await listModels(options, 5_000, NEVER)))).toBe(false);
    await server.close();
    const other = await rawServer(saying(JSON.stringify({ error: written }), 'application/json', 403));
    expect(leaks(JSON.stringify(await isAlive({ ...options, apiUrl: other.apiUrl }, 5_000)))).toBe(false);
    await other.close();
  }
});

test('no spelling of no key stands in what is told, whatever stands around it', () => {
  const printable = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));
  const keys = fc.string({ unit: printable, minLength: 8, maxLength: 40 });
  const written = fc.constantFrom<(key: string) => string>(
    (key) => key,
    (key) => key.toUpperCase(),
    (key) => encodeURIComponent(key),
    (key) => JSON.stringify(key).slice(1, -1),
    (key) => base64(key).replace(/.?=+$/, ''),
  );
  fc.assert(
    fc.property(keys, written, fc.string(), fc.string(), (key, write, before, after) => {
      const text = write(key);
      const told = new Redactor(key).ofDetail(`${before}${text}${after}`);
      expect(told.toLowerCase()).not.toContain(text.toLowerCase());
      expect(told).toContain('[key]');
    }),
  );
});

test('every place of a key within base64 is known', () => {
  for (const before of ['', 'x', 'xy', 'xyz', 'Bearer ']) {
    const told = new Redactor(KEY).ofDetail(base64(`${before}${KEY}${before}`));
    expect(leaks(told)).toBe(false);
    expect(told).toContain('[key]');
  }
});

test('what does not hold the key stays as it is', () => {
  const cutter = new Redactor(KEY);
  for (const text of ['', 'short', 'the model `m` does not exist', 'sk-…', KEY.slice(0, 6)]) {
    expect(cutter.ofDetail(text)).toBe(text);
    expect(cutter.ofReply(text)).toBe(text);
  }
  expect(cutter.ofDetail(`a ${KEY} b ${KEY} c`)).toBe('a [key] b [key] c');
  expect(new Redactor(null).ofDetail(KEY)).toBe(KEY);
  expect(new Redactor('').ofDetail(KEY)).toBe(KEY);
});

test('a key that is a word takes no words out of a reply, yet stands in no error', async () => {
  const cutter = new Redactor('ollama');
  expect(cutter.ofReply('is ollama.com safe?')).toBe('is ollama.com safe?');
  expect(cutter.ofDetail('bad key: ollama')).toBe('bad key: [key]');
  const server = await rawServer(saying(call('c', 'WHOIS', '{"domain":"ollama.com"}')));
  expect(await askOnce(server.apiUrl, { apiKey: 'ollama' })).toMatchObject({
    reply: { calls: [{ args: { domain: 'ollama.com' } }] },
  });
  await server.close();
});
