import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { boundedJson } from '../../src/net/bounded-json.ts';

test('reads JSON of an ordinary depth', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (value) =>
      expect(boundedJson(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value))),
    ),
  );
});

test.each(['', '<html>', '{"a":', '['.repeat(200_000), `${'{"a":'.repeat(101)}1${'}'.repeat(101)}`])(
  'gives nothing for %.20j',
  (text) => {
    expect(boundedJson(text)).toBeUndefined();
  },
);

test('takes any text without throwing', () => {
  fc.assert(
    fc.property(fc.string(), (text) => boundedJson(text) === undefined || JSON.parse(text) !== undefined),
  );
});
