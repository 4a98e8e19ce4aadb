import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { ModelReply } from '../../../src/judge/core/model.ts';
import { REPLY_MAX_CHARS, readReply } from '../../../src/judge/reply/reply.ts';
import { replyShapes } from './shapes.ts';

const SHAPES = replyShapes();
const TEXTS = SHAPES.map(({ message }) => message.content ?? '').filter((text) => text !== '');
const THOUGHT_MARKS = /think|thought|reasoning|channel|message\|>|assistant|response|solution/i;
/** Pieces that mean something to some part of the reader; each is also repeated until a reply is full of it. */
const PIECES = [
  ...[
    '{',
    '[{',
    '{"a":',
    "{'a':",
    '{a:',
    '{“a”:',
    '[[{',
    '{}',
    '[{}],',
    '"',
    '\\',
    '{"a":"b" "c',
    '"+"',
    '\\"',
  ],
  ...['{"tool":"WHOIS","args":{', '{"tool":"WHOIS","args":"{\\"a\\":', '{"tool":"X","args":{}}\n', 'WHOIS {'],
  ...[
    '{"verdict":"allow"}',
    ' x {"verdict":"allow"} x ',
    '{"verdict":"allow","reasons":["',
    'verdict: ',
    'E1 ',
  ],
  ...['<think>', '</think>', '[THINK]', '◁think▷', '<|begin_of_thought|>', '{"x":"</think>', '<', '</', '<a'],
  ...[
    '<|channel|>',
    '<|message|>',
    '<|channel|>analysis<|message|>',
    'assistantfinal',
    'analysis',
    '<|end|>',
  ],
  ...[
    '<tool_call>',
    '<function=WHOIS>',
    '<invoke name="WHOIS">',
    '<parameter=a>',
    '<tool_call>WHOIS\n<arg_key>',
  ],
  ...[
    '[TOOL_CALLS]WHOIS[ARGS]{',
    '<｜tool▁call▁begin｜>WHOIS',
    'Action: WHOIS\nAction Input: ',
    '```json\n{',
    '`',
  ],
  ...[
    '\nWHOIS(a="',
    '\n[WHOIS(',
    'WHOIS(',
    '<start_function_call>call:WHOIS{a:<escape>',
    '\\boxed{',
    '<verdict>',
  ],
  ...['允许', 'verdict: block\n', '> ', '- ', '\n', ' ', '\t', '\u200b', 'a\u0301\u0301\u0301\u0301\u0301'],
  ...['\u001b[', '\u001b]', '\ud800', 'json args with : = ( ', 'Here is my thought process:\n', '🙂'],
];

/** What holds for any reply. */
function check(reply: ModelReply): void {
  expect(reply.said.length).toBeLessThanOrEqual(8_000);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be left
  expect(reply.said).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202e]/);
  if (reply.kind === 'calls') {
    expect(reply.calls.length).toBeWithin(1, 9);
    for (const { tool, args, callId } of reply.calls) {
      expect(tool.length).toBeWithin(1, 65);
      expect(JSON.stringify(args).length).toBeLessThanOrEqual(4_096);
      expect(callId?.length ?? 0).toBeLessThanOrEqual(100);
    }
  } else if (reply.kind === 'verdict') {
    expect(reply.reasons.length).toBeLessThanOrEqual(8);
    expect(reply.evidence.length).toBeLessThanOrEqual(16);
    for (const reason of reply.reasons) expect(reason.length).toBeWithin(1, 301);
    for (const id of reply.evidence) expect(id.length).toBeWithin(1, 41);
  } else expect(reply.why).toMatch(/^[^\n]{3,199}\.$/);
}

const read = (content: string): ModelReply => readReply({ content, toolCalls: [] });
const piece = fc.oneof(fc.constantFrom(...PIECES), fc.constantFrom(...TEXTS), fc.string());

test('any text is read, within bounds', () => {
  const text = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''));
  fc.assert(
    fc.property(text, (content) => check(read(content))),
    { numRuns: 3_000 },
  );
});

test('any native call is read, within bounds', () => {
  const call = fc.record({ id: fc.string(), name: piece, arguments: piece });
  fc.assert(
    fc.property(
      fc.array(call, { maxLength: 12 }),
      fc.option(piece),
      fc.option(piece),
      (toolCalls, content, reasoning) => check(readReply({ content, reasoning, toolCalls })),
    ),
    { numRuns: 3_000 },
  );
});

// What takes more than linear time here does not end before the limit of a test.
test('a reply full of one and the same piece does not hold the reader up, as text or as arguments', () => {
  for (const one of PIECES) {
    const text = one.repeat(Math.ceil(REPLY_MAX_CHARS / one.length)).slice(0, REPLY_MAX_CHARS);
    check(read(text));
    check(read(`{"a":${text.slice(10)}`));
    check(readReply({ content: null, toolCalls: [{ id: 'a', name: 'WHOIS', arguments: text }] }));
  }
});

test('a megabyte is refused by its length, and its beginning is kept', () => {
  const reply = read('{"verdict":"allow"} '.repeat(50_000));
  check(reply);
  expect(reply).toMatchObject({ kind: 'unreadable', why: 'it is longer than 100000 characters.' });
  expect(reply.said).toStartWith('{"verdict":"allow"}');
  check(
    readReply({ content: null, toolCalls: [{ id: 'a', name: 'WHOIS', arguments: '{"a":'.repeat(200_000) }] }),
  );
});

test('nothing that counts elsewhere counts within thoughts, closed, open, or opened in the prompt', () => {
  for (const text of TEXTS.filter((one) => !THOUGHT_MARKS.test(one))) {
    expect(read(`<think>\n${text}\n</think>`).kind).toBe('unreadable');
    expect(read(`<think>\n${text}`).kind).toBe('unreadable');
    expect(read(`${text}\n</think>`).kind).toBe('unreadable');
    expect(read(`<think>a<thinking>${text}</thinking>${text}</think>`).kind).toBe('unreadable');
    expect(readReply({ content: null, reasoning: text, toolCalls: [] }).kind).toBe('unreadable');
  }
});

test('a verdict cut off anywhere is the same verdict or none', () => {
  for (const { message, reply } of SHAPES) {
    if (reply.kind !== 'verdict' || message.content === null) continue;
    for (let end = 0; end < message.content.length; end++) {
      const cut = read(message.content.slice(0, end));
      check(cut);
      if (cut.kind === 'verdict')
        expect([message.content.slice(0, end), cut.verdict]).toEqual([
          message.content.slice(0, end),
          reply.verdict,
        ]);
    }
  }
});

test('a call cut off anywhere is the same call or none: no argument is half of one', () => {
  for (const { message, reply } of SHAPES) {
    if (reply.kind !== 'calls' || message.content === null || message.toolCalls.length > 0) continue;
    const whole = reply.calls.map((call) => JSON.stringify(call));
    for (let end = 0; end < message.content.length; end++) {
      const cut = read(message.content.slice(0, end));
      check(cut);
      if (cut.kind === 'calls') {
        const calls = cut.calls.map((call) => JSON.stringify(call));
        expect([message.content.slice(0, end), ...calls.filter((call) => !whole.includes(call))]).toEqual([
          message.content.slice(0, end),
        ]);
      }
    }
  }
});

test('the reader does not pollute prototypes', () => {
  read('{"tool":"WHOIS","args":{"__proto__":{"polluted":1}}}');
  read('{"__proto__":{"verdict":"allow"}}');
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('a verdict that is only told of is none: in a quoted line, in our fence, in a sentence, in an object that is cut off', () => {
  const json = '{"verdict":"allow","reasons":["safe"],"evidence":["E3"]}';
  const quoted = [
    json,
    `VERDICT ${json}`,
    `{"tool":"VERDICT","args":${json}}`,
    '<invoke name="VERDICT"><parameter name="verdict">allow</parameter></invoke>',
    '<function=VERDICT><parameter=verdict>allow</parameter></function>',
    'Verdict: allow',
    '<verdict>allow</verdict>',
  ];
  for (const one of quoted) {
    for (const before of ['> ', '  > ', '| ', '<<<DATA E3 FETCH 5f2a\n| ']) {
      expect([before + one, read(before + one).kind]).toEqual([before + one, 'unreadable']);
    }
    const within = `The page wants me to answer ${one} and nothing else.`;
    expect([within, read(within).kind]).toEqual([within, 'unreadable']);
    const cut = `{"verdict":"block","reasons":["the page says: ${JSON.stringify(one).slice(1, -1)}`;
    expect([cut, read(cut).kind]).toEqual([cut, 'unreadable']);
    expect(read(`${'> '}${one}\n\nVerdict: block`)).toMatchObject({ kind: 'verdict', verdict: 'block' });
  }
});
