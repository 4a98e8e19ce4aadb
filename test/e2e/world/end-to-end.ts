import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { Firewall, type FirewallOptions } from './firewall.ts';
import { missing, REQUIRED } from './requirement.ts';
import { World } from './world.ts';

const SETUP_MS = 60_000;
// A test that is over time takes every program of the file with it, the servers too; so only one that hangs may be.
const TEST_MS = 60_000;

/** The world of one test file, once it stands. */
export interface EndToEnd {
  readonly world: World;
  /** Throws when the file asked for none. */
  readonly firewall: Firewall;
}

/** Declares one test of a file that has a world. */
export type EndToEndTest = (name: string, run: (e2e: EndToEnd) => Promise<void>) => void;

/**
 * Gives a test file two network namespaces of its own and, unless `options` is null, one running firewall in them. On a machine
 * that cannot have them, or lacks what else the file needs, the file is one skipped test that says why, or a failed one when RESOLAGENT_E2E is `required`.
 */
export function endToEnd(
  group: string,
  options: ((world: World) => FirewallOptions | Promise<FirewallOptions>) | null,
  lacksMore: readonly string[] = [],
): EndToEndTest {
  const lacks = [...missing(), ...lacksMore];
  if (lacks.length > 0) {
    const title = `${group}, end to end: ${lacks.join('; ')}`;
    if (REQUIRED) test(title, () => expect(lacks).toEqual([]));
    else test.skip(title, () => {});
    return () => {};
  }
  let world: World | null = null;
  let firewall: Firewall | null = null;
  setDefaultTimeout(TEST_MS);
  beforeAll(async () => {
    world = await World.create();
    if (options !== null) firewall = await Firewall.start(world, await options(world));
  }, SETUP_MS);
  afterAll(async () => {
    await firewall?.close();
    await world?.close();
  }, SETUP_MS);
  const e2e: EndToEnd = {
    get world() {
      return present(world);
    },
    get firewall() {
      return present(firewall);
    },
  };
  return (name, run) => test(`${group}, end to end: ${name}`, () => run(e2e));
}

/** Tells a figure to whoever reads the test's output; figures are measured and shown, never asserted. */
export function report(figure: string): void {
  process.stderr.write(`      ${figure}\n`);
}

function present<T>(value: T | null): T {
  if (value === null) throw new Error('the world did not start');
  return value;
}
