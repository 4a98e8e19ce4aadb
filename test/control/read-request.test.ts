import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { readRequest } from '../../src/control/read-request.ts';

test('a request is read with its defaults filled in', () => {
  expect(readRequest('{"id":7,"method":"flows"}')).toEqual({
    ok: true,
    request: { id: 7, method: 'flows', sinceMs: null, filter: '', limit: 1_000, after: null },
  });
});

test.each([
  ['{', null, 'not JSON'],
  ['null', null, 'message'],
  ['{"id":3}', 3, 'method'],
  ['{"id":3,"method":"nothing"}', 3, 'method'],
  ['{"id":"3","method":"status"}', null, 'id'],
  ['{"id":3,"method":"flows","limit":0}', 3, 'limit'],
  ['{"id":3,"method":"status","extra":1}', 3, 'extra'],
  [
    '{"id":3,"method":"rules.add","origin":"screen","rules":[{"action":"allow","host":"a"},{"action":"x","host":"b"}]}',
    3,
    'rules.1.action',
  ],
])('%s is refused, with its id where it has one and the path of the field', (line, id, where) => {
  const read = readRequest(line);
  expect(read).toMatchObject({ ok: false, id, error: expect.stringContaining(where) });
});

test('what a message repeats of itself in an error is cleaned and short', () => {
  const read = readRequest(
    JSON.stringify({ id: 1, method: 'status', [`\u001b[31m${'x'.repeat(5_000)}`]: 1 }),
  );
  if (read.ok) throw new Error('it was taken');
  expect(read.error).not.toContain('\u001b');
  expect(read.error.length).toBeLessThan(2_000);
});

test('no line makes the reader throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.anything().map((value) => JSON.stringify(value) ?? ''),
      ),
      (line) => {
        expect(typeof readRequest(line).ok).toBe('boolean');
      },
    ),
  );
});
