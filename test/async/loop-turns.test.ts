import { expect, test } from 'bun:test';
import { LoopTurns } from '../../src/async/loop-turns.ts';

test('those who ask together work one a turn of the loop, in their order', async () => {
  const turns = new LoopTurns();
  const seen: string[] = [];
  let loops = 0;
  const count = (): void => {
    loops++;
    if (seen.length < 3) setImmediate(count);
  };
  setImmediate(count);
  const work = async (name: string): Promise<void> => {
    await turns.next();
    seen.push(`${name} in turn ${loops}`);
  };
  await Promise.all(['a', 'b', 'c'].map(work));
  expect(seen).toEqual(['a in turn 1', 'b in turn 2', 'c in turn 3']);
});
