import { expect } from 'bun:test';
import type { Host, World } from './world.ts';

/** Proves that nothing came to a server: not by its own word and not by its kernel's, in either family, on any port. */
export async function expectUntouched(world: World, { ip4, ip6 }: Pick<Host, 'ip4' | 'ip6'>): Promise<void> {
  for (const ip of [ip4, ip6]) {
    expect(await world.internet.accepted(ip)).toEqual([]);
    expect(await world.arrived(ip)).toMatchObject({ syn: 0, payload: 0 });
  }
}
