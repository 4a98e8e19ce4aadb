import { describe, expect, test } from 'bun:test';
import { isOldNft, readCapabilities } from '../../nft/check.ts';
import { readGroupLine, readGroups, readPrimaryUsers } from '../../nft/group-file.ts';
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

describe('group files', () => {
  test('a line is name, password, number and members', () => {
    expect(readGroupLine('_resolagent:x:991:')).toEqual({
      name: '_resolagent',
      gid: 991,
      members: [],
      hasPassword: false,
    });
    expect(readGroupLine('adm:$6$s$h:4:ann,bob')).toEqual({
      name: 'adm',
      gid: 4,
      members: ['ann', 'bob'],
      hasPassword: true,
    });
    for (const line of ['', 'a', 'a:x', 'a:x:1', 'a:x:-1:', 'a:x:0x1:', ':x:1:', 'a:x:1::', '+::0'])
      expect(readGroupLine(line)).toBeNull();
  });

  test('lines that are no groups are passed over', () => {
    expect(readGroups('root:x:0:\n# comment\n+\nadm:x:4:ann\n').map((g) => g.name)).toEqual(['root', 'adm']);
  });

  test('gshadow tells passwords; locked ones are none', () => {
    const groups = readGroups('a:!::\nb:*::ann\nc:$6$x::\nd:::\n', 'gshadow');
    expect(groups.map((g) => [g.name, g.hasPassword])).toEqual([
      ['a', false],
      ['b', false],
      ['c', true],
      ['d', false],
    ]);
  });

  test('users are found by their first group', () => {
    expect(
      readPrimaryUsers(
        'root:x:0:0:root:/root:/bin/sh\nann:x:1000:991::/:/bin/sh\nbob:x:1001:9910::/:/bin/sh\n',
        991,
      ),
    ).toEqual(['ann']);
  });
});

describe('what the machine says of itself', () => {
  test('capabilities are read from the status file', () => {
    expect(readCapabilities('Name:\tx\nCapInh:\t0000000000000001\nCapEff:\t0000000000001000\n')).toBe(
      0x1000n,
    );
    expect(readCapabilities('Name:\tCapEff: 5\n')).toBeNull();
    expect(readCapabilities('')).toBeNull();
  });

  test('a version that cannot do inet NAT is old, one that cannot be read is not', () => {
    expect(isOldNft('nftables v0.9.0 (Fearless Fosdick)')).toBe(true);
    expect(isOldNft('nftables v0.8')).toBe(true);
    expect(isOldNft('nftables v0.9.1 (Headless Horseman)')).toBe(false);
    expect(isOldNft('nftables v1.0.6 (Lester Gooch #5)')).toBe(false);
    expect(isOldNft('nftables v1.1 (x)')).toBe(false);
    expect(isOldNft('something else')).toBe(false);
  });
});
