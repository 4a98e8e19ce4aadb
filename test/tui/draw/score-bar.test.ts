import { expect, test } from 'bun:test';
import { scoreBar } from '../../../tui/draw/score-bar.ts';

test.each([
  ['generated.letters', 0, '    |     '],
  ['generated.letters', 3, '    |++   '],
  ['phishing.brand', -6, '----|     '],
  ['phishing.brand', 99, '    |++++ '],
  ['trust.age', 0.5, '[##..] '],
  ['trust.age', 1, '[####] '],
  ['trust.age', null, '[????] '],
  ['generated', 60, ''],
  ['burst', -3, ''],
])('draws %s at %p', (signal, value, bar) => {
  expect(scoreBar(signal, value)).toBe(bar);
});
