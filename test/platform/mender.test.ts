import { expect, test } from 'bun:test';
import { Mender } from '../../src/platform/mender.ts';
import { until } from '../until.ts';

test('mends at once, one at a time, and once more for all who ask meanwhile', async () => {
  let running = 0;
  let mends = 0;
  const { promise: go, resolve } = Promise.withResolvers<void>();
  const mender = new Mender(async () => {
    mends++;
    expect(++running).toBe(1);
    await go;
    running--;
    return true;
  });
  for (let i = 0; i < 5; i++) mender.request();
  await until('it mends', 5_000, () => mends === 1);
  for (let i = 0; i < 5; i++) mender.request();
  resolve();
  await until('it mends again', 5_000, () => mends === 2 && running === 0);
  mender.close();
});

test('what failed is tried again, and nothing follows the end', async () => {
  let mends = 0;
  const mender = new Mender(async () => ++mends > 1);
  mender.request();
  await until('it is tried again', 10_000, () => mends === 2);
  mender.close();
  mender.request();
  await Bun.sleep(0);
  expect(mends).toBe(2);
});
