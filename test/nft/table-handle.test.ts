import { describe, expect, test } from 'bun:test';
import { readTableHandle } from '../../nft/table-handle.ts';

describe('table handle', () => {
  test('the last one echoed is that of the new table', () => {
    // nft v1.0.6, `nft -a -e -f -` of a transaction that replaces the table.
    const echo = `add table inet resolagent # handle 3
add chain inet resolagent redirect_out { type nat hook output priority -110; policy accept; } # handle 1
add table inet resolagent # handle 12
# new generation 5 by process 12746 (nft)
`;
    expect(readTableHandle(echo)).toBe('12');
  });

  test('the listing has it in its first line', () => {
    // nft v1.0.6, `nft -a list table inet resolagent`.
    const listing =
      'table inet resolagent { # handle 4\n\tchain a { # handle 1\n\t\ttcp dport 1 redirect to :1 # handle 2\n\t}\n}\n';
    expect(readTableHandle(listing)).toBe('4');
  });

  test('other tables and other text have none', () => {
    expect(readTableHandle('')).toBeNull();
    expect(readTableHandle('add table inet resolagent2 # handle 3\n')).toBeNull();
    expect(readTableHandle('add table ip resolagent # handle 3\n')).toBeNull();
    expect(readTableHandle('add chain inet resolagent x # handle 3\n')).toBeNull();
    expect(readTableHandle('table inet resolagent {\n')).toBeNull();
  });
});
