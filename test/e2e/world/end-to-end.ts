import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { Firewall, type FirewallOptions } from './firewall.ts';
import { missing, REQUIRED } from './requirement.ts';
import { World } from './world.ts';

const SETUP_MS = 60_000;

/** The world of one test file, once it stands. */
export interface EndToEnd {
  readonly world: World;
  /** Throws when the file asked for none. */
  readonly firewall: Firewall;
}

const lacks = missing();

/**
 * A group of tests with two network namespaces of its own and, unless `options` is null, one running firewall. On a machine
 * that cannot have them the group is one skipped test that says why, or a failed one when RESOLAGENT_E2E is `required`.
 */
export function endToEnd(
  name: string,
  options: ((world: World) => FirewallOptions | Promise<FirewallOptions>) | null,
  tests: (e2e: EndToEnd) => void,
): void {
  if (lacks.length > 0) {
    const title = `${name} (end to end): ${lacks.join('; ')}`;
    if (REQUIRED) test(title, () => expect(lacks).toEqual([]));
    else test.skip(title, () => {});
    return;
  }
  describe(`${name} (end to end)`, () => {
    let world: World | null = null;
    let firewall: Firewall | null = null;
    beforeAll(async () => {
      world = await World.create();
      if (options !== null) firewall = await Firewall.start(world, await options(world));
    }, SETUP_MS);
    afterAll(async () => {
      await firewall?.close();
      await world?.close();
    }, SETUP_MS);
    tests({
      get world() {
        return present(world);
      },
      get firewall() {
        return present(firewall);
      },
    });
  });
}

/** Tells a figure to whoever reads the test's output; figures are measured and shown, never asserted. */
export function report(figure: string): void {
  process.stderr.write(`      ${figure}\n`);
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('the world did not start');
  return value;
}
