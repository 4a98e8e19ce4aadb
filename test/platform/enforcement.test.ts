import { expect, test } from 'bun:test';
import type { InterceptPlan } from '../../src/model/intercept-plan.ts';
import { Enforcement } from '../../src/platform/enforcement.ts';
import type { Platform } from '../../src/platform/platform.ts';

/** A kernel whose rules come into force when they are let. */
class SlowKernel {
  rules: InterceptPlan | null = null;
  fails = false;
  readonly #waiting: (() => void)[] = [];
  #isSlow = false;

  slow(): void {
    this.#isSlow = true;
  }

  go(): void {
    this.#isSlow = false;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  get platform(): Platform {
    const interceptor = {
      install: async (plan: InterceptPlan) => {
        if (this.#isSlow) await new Promise<void>((resolve) => this.#waiting.push(resolve));
        if (this.fails) throw new Error('nft is away');
        this.rules = plan;
      },
      remove: async () => {
        this.rules = null;
      },
      probe: async () => ({ state: 'enforced' }) as const,
    };
    return { interceptor, rulesId: () => '1' } as unknown as Platform;
  }
}

const plan = (port: number): InterceptPlan => ({ port, gid: 1, skip: [], ports: 'all', rejectUdp443: true });

function enforcement(kernel: SlowKernel): Enforcement {
  return new Enforcement(
    kernel.platform,
    plan(1),
    false,
    () => undefined,
    () => undefined,
  );
}

test('a stop leaves no rules, also when others are being loaded at that moment', async () => {
  const kernel = new SlowKernel();
  const running = enforcement(kernel);
  await running.start();
  kernel.slow();
  const replanned = running.replan(plan(2));
  const stopped = running.stop();
  kernel.go();
  await Promise.all([replanned, stopped]);
  await running.replan(plan(3));
  expect(kernel.rules).toBeNull();
});

test('rules that could not be loaded are tried again when the plan comes again', async () => {
  const kernel = new SlowKernel();
  const running = enforcement(kernel);
  await running.start();
  kernel.fails = true;
  await expect(running.replan(plan(2))).rejects.toThrow('nft is away');
  kernel.fails = false;
  await running.replan(plan(2));
  expect(kernel.rules?.port).toBe(2);
  await running.stop();
});
