import { describe, expect, test } from 'bun:test';
import { renderRemoval, renderTable } from '../../nft/table.ts';
import { DEFAULTS } from '../../src/config/defaults.ts';
import type { InterceptPlan } from '../../src/model/intercept-plan.ts';

const PLAN: InterceptPlan = {
  port: 17_443,
  gid: 991,
  skip: DEFAULTS.intercept.skip,
  ports: 'all',
  rejectUdp443: true,
};
const MANY = Array.from({ length: 1_000 }, (_, i) =>
  i % 2 === 0 ? `10.${i >> 2}.${i % 256}.0/25` : `fd00:${i.toString(16)}::/33`,
);
const PLANS: [string, InterceptPlan][] = [
  ['the default plan', PLAN],
  ['no ranges', { ...PLAN, skip: [] }],
  ['a thousand ranges', { ...PLAN, skip: MANY }],
  [
    'ranges that overlap',
    { ...PLAN, skip: ['10.0.0.0/8', '10.1.0.0/16', '10.0.0.0/7', 'fe80::/10', 'fe80::/64'] },
  ],
  ['everything skipped', { ...PLAN, skip: ['0.0.0.0/0', '::/0'] }],
  [
    'the ends of both families',
    {
      ...PLAN,
      skip: ['255.255.255.255/32', '0.0.0.0/32', '::/128', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128'],
    },
  ],
  [
    'three blocks joined into what is no block',
    { ...PLAN, skip: ['10.0.0.0/8', '11.0.0.0/8', '12.0.0.0/8'] },
  ],
  ['some ports', { ...PLAN, ports: [443, 80] }],
  [
    'one port, no IPv6 listener, QUIC let through',
    { ...PLAN, ports: [443], ipv6Listener: false, rejectUdp443: false },
  ],
];

describe.if(process.platform === 'linux' && process.geteuid?.() === 0)(
  'nft and the kernel take the table',
  () => {
    for (const [name, plan] of PLANS) {
      test(`${name}: loaded twice, then removed twice, in a fresh network namespace`, async () => {
        const table = renderTable(plan);
        expect(await load(table + table + renderRemoval() + renderRemoval())).toBe('');
        expect(await load(table)).toBe('');
      });
    }
  },
);

/** What nft complained about. */
async function load(script: string): Promise<string> {
  const child = Bun.spawn(['unshare', '-n', 'nft', '-f', '-'], {
    stdin: new TextEncoder().encode(script),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return out + err + ((await child.exited) === 0 ? '' : `exit ${child.exitCode}`);
}
