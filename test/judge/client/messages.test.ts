import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { chatMessages } from '../../../src/judge/client/messages.ts';
import type { Message } from '../../../src/judge/core/model.ts';
import type { RequestedCall } from '../../../src/model/inquiry.ts';

const NATIVE = { tools: true, system: true };
const TEXT = { tools: false, system: true };

const call = (callId: string | null, tool = 'WHOIS'): RequestedCall => ({
  callId,
  tool,
  args: { domain: 'a.example' },
});
const assistant = (calls: readonly RequestedCall[], text = ''): Message => ({
  role: 'assistant',
  text,
  calls,
});
const answer = (callId: string | null, text = 'found'): Message => ({
  role: 'tool',
  callId,
  tool: 'WHOIS',
  text,
});
const user = (text: string): Message => ({ role: 'user', text });
const written = '{"tool":"WHOIS","args":{"domain":"a.example"}}';
const param = (id: string): object => ({
  id,
  type: 'function',
  function: { name: 'WHOIS', arguments: '{"domain":"a.example"}' },
});

test('native calls go back as calls, with their answers behind them', () => {
  const messages = [
    user('q'),
    assistant([call('a'), call('b')]),
    answer('b', 'two'),
    answer('a', 'one'),
    user('go on'),
  ];
  expect(chatMessages(messages, NATIVE)).toEqual([
    { role: 'user', content: 'q' },
    { role: 'assistant', content: null, tool_calls: [param('a'), param('b')] },
    { role: 'tool', tool_call_id: 'b', content: 'two' },
    { role: 'tool', tool_call_id: 'a', content: 'one' },
    { role: 'user', content: 'go on' },
  ] as never);
});

test('what was said beside native calls goes with them', () => {
  const [said] = chatMessages([assistant([call('a')], 'let me look'), answer('a')], NATIVE);
  expect(said).toEqual({ role: 'assistant', content: 'let me look', tool_calls: [param('a')] } as never);
});

test('for a server without tools they are what the assistant said, and what the user says', () => {
  const messages = [
    user('q'),
    assistant([call('a'), call('b')]),
    answer('a', 'one'),
    answer('b', 'two'),
    user('go on'),
  ];
  expect(chatMessages(messages, TEXT)).toEqual([
    { role: 'user', content: 'q' },
    { role: 'assistant', content: `${written}\n${written}` },
    { role: 'user', content: 'WHOIS returned:\none\n\nWHOIS returned:\ntwo\n\ngo on' },
  ]);
});

test('calls of the text protocol stand once in what was said', () => {
  const messages = [assistant([call(null)], `I call ${written}`), answer(null, 'one')];
  for (const dialect of [NATIVE, TEXT]) {
    expect(chatMessages(messages, dialect)).toEqual([
      { role: 'assistant', content: `I call ${written}` },
      { role: 'user', content: 'WHOIS returned:\none' },
    ]);
  }
});

const ODD: readonly [string, readonly Message[]][] = [
  ['without an answer', [assistant([call('a')]), user('go on')]],
  ['with an answer too few', [assistant([call('a'), call('b')]), answer('a')]],
  ['with an answer too many', [assistant([call('a')]), answer('a'), answer('x')]],
  ['with one answer twice', [assistant([call('a'), call('b')]), answer('a'), answer('a')]],
  ['with an answer that comes late', [assistant([call('a')]), user('wait'), answer('a')]],
  ['with an id twice', [assistant([call('a'), call('a')]), answer('a'), answer('a')]],
  ['with an empty id', [assistant([call('')]), answer('')]],
  ['without an id', [assistant([call(null)]), answer(null)]],
  ['of both kinds', [assistant([call('a'), call(null)]), answer('a'), answer(null)]],
  ['whose call was cut away', [answer('a'), user('go on')]],
];

test.each(ODD)('calls %s are text, for servers refuse anything else', (_, messages) => {
  for (const one of chatMessages(messages, NATIVE)) {
    expect(one.role).not.toBe('tool');
    expect(one).not.toHaveProperty('tool_calls');
  }
});

test('without a role for instructions they are what the user says first', () => {
  const messages: Message[] = [{ role: 'system', text: 'judge' }, user('q')];
  expect(chatMessages(messages, { tools: true, system: false })).toEqual([
    { role: 'user', content: 'judge\n\nq' },
  ]);
});

test('a message that is empty is none that servers refuse', () => {
  expect(chatMessages([assistant([]), user('')], NATIVE)).toEqual([
    { role: 'assistant', content: '(nothing)' },
    { role: 'user', content: '(nothing)' },
  ]);
});

test('no conversation comes out in an order that servers refuse, and nothing of it is lost', () => {
  const id = fc.constantFrom('a', 'b', 'c', '', null);
  const text = fc.constantFrom('', 'one', 'two', 'three');
  const message = fc.oneof(
    fc.record({ role: fc.constantFrom('user' as const, 'system' as const), text }),
    fc.record({
      role: fc.constant('assistant' as const),
      text,
      calls: fc.array(
        id.map((one) => call(one)),
        { maxLength: 3 },
      ),
    }),
    fc.record({ role: fc.constant('tool' as const), callId: id, tool: fc.constant('WHOIS'), text }),
  );
  const dialects = fc.record({ tools: fc.boolean(), system: fc.boolean() });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), dialects, (messages: Message[], dialect) => {
      const params = chatMessages(messages, dialect);
      let open = new Set<string>();
      params.forEach((one, at) => {
        const before = params[at - 1];
        if (one.role === 'tool') {
          expect(dialect.tools).toBe(true);
          expect(open.delete(one.tool_call_id)).toBe(true);
          return;
        }
        expect(open.size).toBe(0);
        const calls = one.role === 'assistant' ? (one.tool_calls ?? []) : [];
        open = new Set(calls.map((made) => made.id));
        expect(open.size).toBe(calls.length);
        expect(calls.length > 0 || (typeof one.content === 'string' && one.content !== '')).toBe(true);
        if (one.role === 'system') expect(dialect.system).toBe(true);
        if (before?.role === one.role) expect('tool_calls' in before || 'tool_calls' in one).toBe(true);
      });
      expect(open.size).toBe(0);
      const all = JSON.stringify(params);
      for (const given of messages) expect(all).toContain(given.text);
    }),
  );
});
