import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { EventReader } from '../../../src/judge/client/events.ts';
import type { ModelAnswer } from '../../../src/judge/core/model.ts';
import {
  ALLOW,
  answerTo,
  askOnce,
  DONE,
  event,
  failureOf,
  head,
  piece,
  rawServer,
  SAYING,
  saying,
} from './model-server.ts';

const VERDICT = { kind: 'reply', reply: { kind: 'verdict', verdict: 'allow', evidence: ['E1'] } };
const whole = (over: object = {}, message: object = { content: ALLOW }): string =>
  JSON.stringify({ id: 'x', choices: [{ index: 0, message, finish_reason: 'stop' }], ...over });
const said = (answer: ModelAnswer): unknown => (answer.kind === 'reply' ? answer.reply.said : answer);

/** Bodies that are one allow, in the ways in which servers write them, or content types lie. */
const READ: readonly [string, string, string?][] = [
  ['as OpenAI does', SAYING(ALLOW)],
  ['without a content type', SAYING(ALLOW), ''],
  ['as plain text', SAYING(ALLOW), 'text/plain'],
  ['as JSON that is a stream', SAYING(ALLOW), 'application/json'],
  ['in one piece', whole(), 'application/json'],
  ['in one piece, with a charset', whole(), 'application/json; charset=utf-8'],
  ['in one piece, as a stream', whole(), 'text/event-stream'],
  ['in one piece, written out', JSON.stringify(JSON.parse(whole()), null, 2), 'application/json'],
  ['after a byte order mark', `\ufeff${whole()}`, 'application/json'],
  ['after empty lines', `\r\n\r\n${SAYING(ALLOW)}`],
  ['with CRLF', SAYING(ALLOW).replaceAll('\n', '\r\n')],
  ['with CR', SAYING(ALLOW).replaceAll('\n', '\r')],
  ['without a space', SAYING(ALLOW).replaceAll('data: ', 'data:')],
  ['without its last line end', SAYING(ALLOW).replace(/\n+data: \[DONE\]\n+$/, '')],
  ['without [DONE]', SAYING(ALLOW).replace(DONE, '')],
  ['with comments, ids, names and retries', `: hi\n\nevent: x\nid: 7\nretry: 5\n${SAYING(ALLOW)}`],
  [
    'with an event over several lines',
    `data: {"choices":\ndata:  [{"delta":{"content":${JSON.stringify(ALLOW)}},\ndata: "finish_reason":"stop"}]}\n\n${DONE}`,
  ],
  [
    'with an event over several lines, in CRLF',
    `data: {"choices":\r\ndata: [{"delta":{"content":${JSON.stringify(ALLOW)}},\r\ndata: "finish_reason":"stop"}]}\r\n\r\n`,
  ],
  ['with empty events', `data:\n\ndata: \n\n${SAYING(ALLOW)}`],
  ['and then something else', `${SAYING(ALLOW)}${event({ error: 'late' })}data: {broken\n\n`],
  ['with its end in the last piece', event(piece({ content: ALLOW }, 'stop')) + DONE],
  ['with a role in each piece', event(piece({ role: 'assistant', content: ALLOW }, 'stop'))],
  ['without a role', event(piece({ content: ALLOW })) + event(piece(null, 'stop'))],
  [
    'with null in what it leaves out',
    event(piece({ content: ALLOW, tool_calls: null, refusal: null }, 'stop', { usage: null, error: null })),
  ],
  ['without an index', event({ choices: [{ delta: { content: ALLOW }, finish_reason: 'stop' }] })],
  ['as a message in a stream', event({ choices: [{ message: { content: ALLOW }, finish_reason: 'stop' }] })],
  ['in parts', event(piece({ content: [{ type: 'text', text: ALLOW }] }, 'stop'))],
  ['with choices that are empty', event({ choices: [] }) + SAYING(ALLOW)],
  [
    'thinking under one name',
    event(piece({ reasoning_content: 'I would say {"verdict":"block"}' })) + SAYING(ALLOW),
  ],
  ['thinking under another', event(piece({ reasoning: '{"verdict":"block"}' })) + SAYING(ALLOW)],
  [
    'thinking in both',
    event(piece({ reasoning: '{"verdict":"block"}', reasoning_content: '{"verdict":"block"}' })) +
      SAYING(ALLOW),
  ],
];

test.each(READ)('a reply %s is read', async (_, body, type = 'text/event-stream') => {
  expect(await answerTo(saying(body, type))).toMatchObject(VERDICT);
});

test.each(['stop', 'tool_calls', 'function_call', 'eos_token', 'end_turn', 'STOP'])(
  'a reply that ended with %s is whole',
  async (reason) => {
    expect(await answerTo(saying(event(piece({ content: ALLOW }, reason))))).toMatchObject(VERDICT);
    const body = JSON.stringify({ choices: [{ message: { content: ALLOW }, finish_reason: reason }] });
    expect(await answerTo(saying(body, 'application/json'))).toMatchObject(VERDICT);
  },
);

const broken = (detail: RegExp): unknown => ['broken', expect.stringMatching(detail)];
/** Bodies that are no reply, each with a whole allow in them that must not count. */
const REFUSED: readonly [string, string | Uint8Array, unknown, string?][] = [
  [
    'ended at its limit',
    event(piece({ content: ALLOW }, 'length')),
    ['too_long', 'the reply was cut at its limit of tokens'],
  ],
  [
    'ended at its limit, in one piece',
    whole().replace('"stop"', '"length"'),
    ['too_long', 'the reply was cut at its limit of tokens'],
  ],
  ['was filtered', event(piece({ content: ALLOW }, 'content_filter')), broken(/content_filter/)],
  ['ended for a reason of its own', event(piece({ content: ALLOW }, 'abort')), broken(/cut off: abort/)],
  ['gives no reason to end', event(piece({ content: ALLOW })) + DONE, broken(/ended in the middle/)],
  ['gives no reason to end, in one piece', whole().replace('"stop"', 'null'), broken(/ended in the middle/)],
  [
    'gives a reason that is none',
    event(piece({ content: ALLOW }, 7 as never)) + DONE,
    broken(/fields are of other kinds/),
  ],
  ['holds nothing', '', broken(/no reply/)],
  ['holds nothing but its end', DONE, broken(/no reply/)],
  ['holds comments only', ': a\n\n: b\n\n', broken(/no reply/)],
  ['is broken JSON', `data: {"choices":[{"delta"\n\n${SAYING(ALLOW)}`, broken(/no JSON/)],
  ['is no JSON', `data: hello\n\n${SAYING(ALLOW)}`, broken(/no JSON/)],
  ['is a page', `<!doctype html><h1>502</h1>${ALLOW}`, broken(/no reply of a model: <!doctype/), 'text/html'],
  ['is a word', 'OK', broken(/holds no reply of a model/), 'text/plain'],
  ['is binary', new Uint8Array([0, 1, 2, 255, 27, 91]), broken(/no reply of a model/)],
  ['holds values of another kind', `data: 7\n\n${SAYING(ALLOW)}`, broken(/fields are of other kinds/)],
  ['is JSON of something else', '{"models":[]}', broken(/no reply/), 'application/json'],
  ['is half of JSON', whole().slice(0, -9), broken(/no JSON, or half of it/), 'application/json'],
  ['is nested without end', `{"choices":${'['.repeat(5_000)}`, broken(/no JSON/), 'application/json'],
  [
    'tells of an error at first',
    event({ error: { message: 'out of memory' } }),
    ['server_error', 'the server broke off: out of memory'],
  ],
  [
    'tells of an error at last',
    SAYING(ALLOW).replace(DONE, event({ error: 'cuda' })),
    ['server_error', 'the server broke off: cuda'],
  ],
  [
    'tells of an error in one piece, as a stream',
    '{"error":{"code":500,"message":"no slot"}}\n',
    ['server_error', 'the server broke off: no slot'],
  ],
  [
    'tells of an error in a named event',
    'event: error\ndata: {"error":{"message":"gone"}}\n\n',
    ['server_error', 'the server broke off: gone'],
  ],
  [
    'tells of an error with its status',
    '{"error":{"message":"too many","code":429}}',
    ['rate_limited', 'the server broke off: too many'],
  ],
];

test.each(REFUSED)(
  'an answer that %s is no verdict',
  async (_, body, failure, type = 'text/event-stream') => {
    expect(failureOf(await answerTo(saying(body, type)))).toEqual(failure);
  },
);

test('a stream that dies before the model stopped is never a verdict, however it dies, wherever it is cut', async () => {
  const body = SAYING(ALLOW);
  const stop = body.indexOf('"stop"');
  for (let cut = 0; cut < stop; cut += 13) {
    const closed = await answerTo(saying(body.slice(0, cut)));
    expect(closed).toMatchObject({ kind: 'failed', why: 'broken' });
    const reset = await answerTo((socket) => {
      socket.write(head() + body.slice(0, cut));
      setImmediate(() => socket.resetAndDestroy());
    });
    expect(reset).toMatchObject({ kind: 'failed', why: 'broken' });
    const short = await answerTo((socket) => {
      socket.end(head(200, 'text/event-stream', [`content-length: ${body.length}`]) + body.slice(0, cut));
    });
    expect(short).toMatchObject({ kind: 'failed', why: 'broken' });
  }
});

test('letters cut between packets are whole again', async () => {
  const text = 'Zürich 東京 👩‍🚀 — {"verdict":"unsure","reasons":["日本語"],"evidence":[]}';
  const bytes = Buffer.from(head() + SAYING(text));
  const answer = await answerTo(async (socket) => {
    for (const byte of bytes) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    socket.end();
  });
  expect(answer).toMatchObject({ reply: { kind: 'verdict', verdict: 'unsure', reasons: ['日本語'] } });
  expect(said(answer)).toContain('Zürich 東京');
});

test('what a reply is made of comes out the same however it is cut', () => {
  const bodies = READ.map(([, body]) => Buffer.from(body));
  fc.assert(
    fc.property(fc.constantFrom(...bodies), fc.array(fc.nat(400), { maxLength: 40 }), (body, cuts) => {
      const at = [...new Set([0, ...cuts.map((cut) => cut % body.length), body.length])].sort(
        (a, b) => a - b,
      );
      const parts = at.slice(1).map((end, i) => body.subarray(at[i], end));
      expect(eventsOf(parts)).toEqual(eventsOf([body]));
    }),
  );
});

test('no bytes make the reader throw', () => {
  const start = fc.constantFrom('data: ', '{', 'data: {"choices":', '', '\r', ':', 'error: ');
  fc.assert(
    fc.property(start, fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 }), (text, parts) => {
      expect(eventsOf([Buffer.from(text), ...parts]).length).toBeGreaterThan(0);
    }),
  );
});

/** The values in these bytes, and how they ended. */
function eventsOf(parts: readonly Uint8Array[]): readonly unknown[] {
  const values: unknown[] = [];
  const reader = new EventReader((value) => {
    values.push(value);
    return null;
  });
  for (const part of parts) reader.push(part);
  reader.close();
  return [...values, reader.end];
}

test('whatever bytes a server answers with, the question ends, and no half of an allow is one', async () => {
  const valid = Buffer.from(head() + SAYING(ALLOW));
  const change = fc.record({
    at: fc.nat(valid.length),
    cut: fc.nat(60),
    put: fc.uint8Array({ maxLength: 30 }),
  });
  let bytes: Uint8Array = valid;
  const server = await rawServer((socket) => socket.end(bytes));
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(fc.array(change, { minLength: 1, maxLength: 3 }), fc.nat(valid.length)),
      async (how) => {
        bytes = typeof how === 'number' ? valid.subarray(0, how) : how.reduce(changed, valid);
        const answer = await askOnce(server.apiUrl, {
          limits: { firstByteMs: 100, idleMs: 100, totalMs: 200 },
        });
        if (answer.kind === 'failed') expect(answer.detail).not.toBe('');
        else expect(Buffer.from(bytes).includes('stop')).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
  await server.close();
}, 60_000);

function changed(
  bytes: Uint8Array,
  { at, cut, put }: { at: number; cut: number; put: Uint8Array },
): Uint8Array {
  return Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at + cut)]);
}

test('a reply tells whether it came in pieces', async () => {
  const pieces =
    event(piece({ content: ALLOW.slice(0, 9) })) + event(piece({ content: ALLOW.slice(9) }, 'stop'));
  expect(await answerTo(saying(pieces))).toMatchObject({ ...VERDICT, streamed: true });
  expect(await answerTo(saying(SAYING(ALLOW)))).toMatchObject({ ...VERDICT, streamed: false });
});
