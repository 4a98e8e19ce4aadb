import { expect, test } from 'bun:test';
import type { RulesNews } from '../../src/intercept/interceptor.ts';
import type { InterceptPlan } from '../../src/model/intercept-plan.ts';
import { Enforcement, type Enforcing } from '../../src/platform/enforcement.ts';
import { until } from '../until.ts';

/** A kernel whose rules come into force when they are let. */
class SlowKernel {
  rules: InterceptPlan | null = null;
  fails = false;
  isFlushed = false;
  /** Probes that come too late. */
  late = 0;
  /** What the watchdog was told to remove, in order. */
  readonly armed: (string | null)[] = [];
  readonly #waiting: (() => void)[] = [];
  #isSlow = false;
  tell: (news: RulesNews) => void = () => undefined;
  installs = 0;

  slow(): void {
    this.#isSlow = true;
  }

  go(): void {
    this.#isSlow = false;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  get platform(): Enforcing {
    const interceptor = {
      install: async (plan: InterceptPlan) => {
        if (this.#isSlow) await new Promise<void>((resolve) => this.#waiting.push(resolve));
        if (this.fails) throw new Error('nft is away');
        this.rules = plan;
        this.installs++;
        this.isFlushed = false;
      },
      remove: async () => {
        this.rules = null;
      },
      watch: (onNews: (news: RulesNews) => void) => {
        this.tell = onNews;
        return () => undefined;
      },
      installed: async () => !this.isFlushed,
      probe: async () =>
        this.isFlushed || this.late-- > 0
          ? ({ state: 'not_enforced', detail: 'the probe went out unseen' } as const)
          : ({ state: 'enforced' } as const),
    };
    const watchdog = {
      onDeath: () => {},
      arm: (rules: string | null) => void this.armed.push(rules),
      disarm: async () => {},
    };
    return { interceptor, rulesId: () => '1', startWatchdog: async () => watchdog } as unknown as Enforcing;
  }
}

const plan = (port: number): InterceptPlan => ({ port, gid: 1, skip: [], ports: 'all', rejectUdp443: true });

function enforcement(kernel: SlowKernel, notices: string[] = [], failOpen = false, probeMs = 5): Enforcement {
  return new Enforcement(
    kernel.platform,
    plan(1),
    failOpen,
    (text) => notices.push(text),
    () => undefined,
    { probeMs, secondLookMs: 5, watchdogRestartMs: 5, releasedMs: 50 },
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

test('the plan that was asked for last wins, also one from before that is asked for again while another loads', async () => {
  const kernel = new SlowKernel();
  const running = enforcement(kernel);
  await running.start();
  kernel.slow();
  const plans = [running.replan(plan(2)), running.replan(plan(1))];
  kernel.tell({ kind: 'changed', by: 'nft (pid 7)' });
  kernel.go();
  await Promise.all(plans);
  await until('it is mended', 5_000, () => running.report.state === 'enforced');
  expect(kernel.rules?.port).toBe(1);
  await running.stop();
});

test('what the kernel tells of is never called enforced before it is mended, also by a probe that began before', async () => {
  const kernel = new SlowKernel();
  const notices: string[] = [];
  const running = enforcement(kernel, notices, false, 3_600_000);
  await running.start();
  kernel.slow();
  kernel.tell({ kind: 'changed', by: 'nft (pid 7)' });
  expect(running.report).toMatchObject({
    state: 'not_enforced',
    detail: 'nft (pid 7) changed or removed the kernel rules',
  });
  expect((await running.probe()).state).toBe('not_enforced');
  kernel.go();
  await until('it is mended', 5_000, () => running.report.state === 'enforced');
  expect(running.interference).toMatchObject({ times: 1, by: 'nft (pid 7)' });
  const { installs } = kernel;
  kernel.tell({ kind: 'missed' });
  kernel.isFlushed = true;
  kernel.tell({ kind: 'missed' });
  await until('it is mended', 5_000, () => kernel.installs > installs && running.report.state === 'enforced');
  expect(running.interference?.times).toBe(1);
  await running.stop();
});

test('rules that a reset released are left so, whatever else is told or asked for, and put back when the engine still runs', async () => {
  const kernel = new SlowKernel();
  const notices: string[] = [];
  const running = enforcement(kernel, notices);
  await running.start();
  kernel.isFlushed = true;
  kernel.tell({ kind: 'released' });
  kernel.tell({ kind: 'changed', by: 'nft (pid 7)' });
  await running.replan(plan(2));
  expect((await running.probe()).state).toBe('not_enforced');
  expect([kernel.installs, kernel.rules?.port]).toEqual([1, 1]);
  expect(running.report).toMatchObject({
    state: 'not_enforced',
    detail: "'resolagent reset' released the kernel rules",
  });
  await until('they are put back', 5_000, () => running.report.state === 'enforced');
  expect([kernel.installs, kernel.rules?.port]).toEqual([2, 2]);
  await running.stop();
});

test('rules that another program flushed are put back with the next look, and that is said', async () => {
  const kernel = new SlowKernel();
  const notices: string[] = [];
  const running = enforcement(kernel, notices);
  await running.start();
  kernel.isFlushed = true;
  await until('it is said', 5_000, () => notices.length > 0);
  expect(notices).toEqual([
    'the kernel rules were gone or not in force (the probe went out unseen); installed again',
  ]);
  expect([kernel.isFlushed, running.report.state]).toEqual([false, 'enforced']);
  await running.stop();
});

test('a first probe that is late is made again soon', async () => {
  const kernel = new SlowKernel();
  kernel.late = 1;
  const running = enforcement(kernel, [], false, 3_600_000);
  await running.start();
  expect(running.report.state).toBe('not_enforced');
  await until('it is seen that the rules are in force', 5_000, () => running.report.state === 'enforced');
  await running.stop();
});

test('rules that cannot be put back are told of with every look', async () => {
  const kernel = new SlowKernel();
  const notices: string[] = [];
  const running = enforcement(kernel, notices);
  await running.start();
  kernel.isFlushed = true;
  kernel.fails = true;
  await until('it is said twice', 5_000, () => notices.length > 1);
  expect(notices[1]).toBe('the kernel rules are not in force and could not be installed: nft is away');
  expect(running.report.state).toBe('not_enforced');
  await running.stop();
});

test('the watchdog removes the rules with failMode open only, and guards the engine with closed as well', async () => {
  for (const [failOpen, rules] of [
    [true, '1'],
    [false, null],
  ] as const) {
    const kernel = new SlowKernel();
    const running = enforcement(kernel, [], failOpen);
    expect(running.guarded).toBe(false);
    await running.start();
    expect([running.guarded, kernel.armed]).toEqual([true, [rules]]);
    await running.stop();
  }
});
