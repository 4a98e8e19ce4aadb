import { describe, expect, test } from 'bun:test';
import { lineage } from '../../src/attribute/lineage.ts';
import type { Pid } from '../../src/model/brand.ts';
import type { Ancestor } from '../../src/model/flow.ts';

describe('lineage', () => {
  const of = (pid: number): Ancestor => ({ pid: pid as Pid, path: null, name: String(pid) });

  test('is the parent and then its own parents', () => {
    expect(lineage(of(3), [of(2), of(1)]).map((a) => Number(a.pid))).toEqual([3, 2, 1]);
    expect(lineage(of(1), [])).toEqual([of(1)]);
  });

  test('is cut at sixteen, and where a pid comes again', () => {
    const many = Array.from({ length: 30 }, (_, i) => of(i + 10));
    expect(lineage(of(1), many)).toHaveLength(16);
    expect(lineage(of(3), [of(2), of(3), of(1)]).map((a) => Number(a.pid))).toEqual([3, 2]);
  });
});
