import { describe, expect, test } from 'bun:test';
import { readGroupLine, readGroups, readPrimaryUsers } from '../../nft/group-file.ts';

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
