import { describe, expect, test } from 'bun:test';
import { isOldNft, readCapabilities } from '../../nft/check.ts';

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
