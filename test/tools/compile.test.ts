import { expect, test } from 'bun:test';
import { BUNDLE } from '../../tools/compile.ts';

async function chunks(): Promise<readonly string[]> {
  const { outputs } = await Bun.build({ ...BUNDLE, target: 'bun' });
  const code = outputs.filter(({ kind }) => kind === 'entry-point' || kind === 'chunk');
  return Promise.all(code.map((output) => output.text()));
}

test('no chunk awaits what Bun wrapped itself: with bytecode it would be left in the middle', async () => {
  const texts = await chunks();
  expect(texts.length).toBeGreaterThan(20);
  expect(texts.flatMap((text) => text.match(/\bawait init_\w+\(/g) ?? [])).toEqual([]);
});
