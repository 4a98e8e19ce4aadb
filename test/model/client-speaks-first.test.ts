import { expect, test } from 'bun:test';
import { clientSpeaksFirst } from '../../src/model/client-speaks-first.ts';

test.each([80, 443, 853, 3128, 5432, 6379, 8080, 8443])('at port %d no server speaks first', (port) => {
  expect(clientSpeaksFirst(port)).toBe(true);
});

test.each([13, 21, 22, 23, 25, 110, 119, 143, 179, 587, 873, 3306, 4190, 5900, 6667, 7001])(
  'at port %d a server may speak first',
  (port) => {
    expect(clientSpeaksFirst(port)).toBe(false);
  },
);
