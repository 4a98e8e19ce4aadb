import { expect, test } from 'bun:test';
import { readPasswd } from '../../../src/attribute/linux/users.ts';

test('passwd: the first name of a number counts, broken lines do not', () => {
  const names = readPasswd(
    'root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n+::::::\nbad\nann:x:1000:1000::/:/bin/sh\nx:x:-1:1:::\n',
  );
  expect([...names]).toEqual([
    [0, 'root'],
    [1_000, 'ann'],
  ]);
});
