import { describe, expect, test } from 'bun:test';
import { checkPort, isOldNft, readCapabilities } from '../../nft/check.ts';

describe('what the machine says of itself', () => {
  test('capabilities are read from the status file', () => {
    expect(readCapabilities('Name:\tx\nCapInh:\t0000000000000001\nCapEff:\t0000000000001000\n')).toBe(
      0x1000n,
    );
    expect(readCapabilities('Name:\tCapEff: 5\n')).toBeNull();
    expect(readCapabilities('')).toBeNull();
  });

  test('a port that any user may listen on is told, and one that the engine may not', () => {
    const root = 'CapEff:\t000001ffffffffff\n';
    const withoutBind = 'CapEff:\t000001fffffffbff\n';
    expect(checkPort(297, '1024\n', root)).toMatchObject({ state: 'ok' });
    expect(checkPort(297, null, root)).toMatchObject({ state: 'ok' });
    expect(checkPort(1_024, '1024\n', root)).toMatchObject({
      state: 'warn',
      detail: expect.stringContaining('any user may listen on 1024'),
      remedy: 'set proxy.port below 600',
    });
    expect(checkPort(297, '80\n', root)).toMatchObject({ state: 'warn', remedy: 'set proxy.port below 80' });
    expect(checkPort(297, '0\n', withoutBind)).toMatchObject({
      state: 'warn',
      remedy: 'sysctl -w net.ipv4.ip_unprivileged_port_start=1024',
    });
    expect(checkPort(297, '1024\n', withoutBind)).toMatchObject({
      state: 'fail',
      remedy: 'run it with sudo, or set proxy.port to 1024 or above',
    });
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
