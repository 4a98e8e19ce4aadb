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

test('without a role for instructions they are what the user says first', () => {
  const messages: Message[] = [{ role: 'system', text: 'judge' }, user('q')];
  expect(chatMessages(messages, { tools: true, system: false })).toEqual([
    { role: 'user', content: 'judge\n\nq' },
  ]);
});

/** A reply with its answers, as the machine puts them into a conversation. */
const round = fc
  .record({
    isNative: fc.boolean(),
    count: fc.nat(3),
    said: fc.constantFrom('', 'one', 'two'),
    told: fc.constantFrom('', 'three'),
  })
  .map(({ isNative, count, said, told }): Message[] => {
    const ids = Array.from({ length: count }, (_, i) => (isNative ? `call${i}` : null));
    const answers = ids.map((id) => answer(id, told));
    if (count === 0) return [assistant([], said || 'hm'), user(told || 'again')];
    const asked = ids.map((id) => call(id));
    return [assistant(asked, said), ...answers];
  });

test('no conversation comes out in an order that servers refuse, and nothing of it is lost', () => {
  const dialects = fc.record({ tools: fc.boolean(), system: fc.boolean() });
  fc.assert(
    fc.property(fc.array(round, { maxLength: 5 }), dialects, (rounds, dialect) => {
      const messages: Message[] = [{ role: 'system', text: 'judge' }, user('q'), ...rounds.flat()];
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
