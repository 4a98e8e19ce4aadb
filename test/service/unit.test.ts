import { describe, expect, test } from 'bun:test';
import { renderUnit } from '../../src/service/unit.ts';

const line = (program: string, ...args: string[]): string | undefined =>
  renderUnit({ program, args, isCopy: false })
    .split('\n')
    .find((l) => l.startsWith('ExecStart='));

describe('systemd unit', () => {
  test('starts the daemon with its options', () => {
    expect(line('/usr/local/bin/resolagent', 'daemon', '--config', '/etc/resolagent/config.toml')).toBe(
      'ExecStart=/usr/local/bin/resolagent daemon --config /etc/resolagent/config.toml',
    );
  });

  test('what systemd would expand, split or unquote stays literal', () => {
    expect(line('/opt/my tools/r', 'a"b', '$HOME', '%h', 'back\\slash')).toBe(
      'ExecStart="/opt/my tools/r" "a\\"b" "$$HOME" %%h "back\\\\slash"',
    );
  });

  test('a path with a line break, an empty word and a relative program are refused', () => {
    expect(() => line('/bin/a\nExecStartPre=/bin/evil')).toThrow(RangeError);
    expect(() => line('/bin/a', '')).toThrow(RangeError);
    expect(() => line('resolagent')).toThrow(RangeError);
  });

  test('keeps what the firewall needs: nft, its group, other processes, the JIT', () => {
    const unit = renderUnit({ program: '/r', args: ['daemon'], isCopy: true });
    for (const needed of [
      'CAP_NET_ADMIN',
      'CAP_SETGID',
      'CAP_SYS_PTRACE',
      'AF_NETLINK',
      'KillMode=process',
    ]) {
      expect(unit).toContain(needed);
    }
    for (const harmful of [
      'MemoryDenyWriteExecute',
      'PrivateTmp',
      'PrivateNetwork',
      'ProtectProc=',
      '@debug',
    ]) {
      expect(unit).not.toContain(harmful);
    }
    expect(unit).toMatch(/^UnsetEnvironment=.*BUN_OPTIONS BUN_BE_BUN.*LD_PRELOAD/m);
    expect(unit.split('\n').every((l) => l === '' || /^\[[\w-]+\]$|^[\w-]+=.+$/.test(l))).toBe(true);
  });
});
