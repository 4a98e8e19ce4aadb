import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { renderFarewell, renderRelease, renderRemoval, renderTable } from '../../nft/table.ts';
import { skipSets, skips } from '../../nft/table-ranges.ts';
import { DEFAULTS } from '../../src/config/defaults.ts';
import type { Ip } from '../../src/model/brand.ts';
import type { InterceptPlan } from '../../src/model/intercept-plan.ts';

const PLAN: InterceptPlan = {
  port: 297,
  sparePorts: [298, 299],
  gid: 991,
  skip: DEFAULTS.intercept.skip,
  ports: 'all',
  rejectUdp443: true,
};

const DEFAULT_TABLE = `add table inet resolagent
delete table inet resolagent
table inet resolagent {
	set skip4 {
		type ipv4_addr
		flags interval
		elements = {
			0.0.0.0/8,
			10.0.0.0/8,
			100.64.0.0/10,
			127.0.0.0/8,
			169.254.0.0/16,
			172.16.0.0/12,
			192.168.0.0/16,
			224.0.0.0/3,
		}
	}
	set skip6 {
		type ipv6_addr
		flags interval
		elements = {
			::1,
			fc00::/7,
			fe80::/10,
			ff00::/8,
		}
	}
	chain redirect_out {
		type nat hook output priority -110; policy accept;
		meta skgid 991 return
		oifname "lo" return
		fib daddr type local return
		ip daddr @skip4 return
		ip6 daddr @skip6 return
		tcp flags & (fin | syn | rst | ack) == syn counter redirect to :297
	}
	chain refuse_out {
		type filter hook output priority 0; policy accept;
		meta skgid 991 return
		oifname "lo" return
		fib daddr type local return
		ip daddr @skip4 return
		ip6 daddr @skip6 return
		udp dport 443 counter reject with icmpx type port-unreachable
		tcp flags & (fin | syn | rst | ack) == syn counter reject with tcp reset
	}
	chain refuse_astray {
		type filter hook postrouting priority 0; policy accept;
		oifname "lo" return
		ip daddr 127.0.0.0/8 tcp dport 297 counter drop
		ip6 daddr ::1 tcp dport 297 counter drop
	}
	chain guard_in {
		type filter hook input priority 0; policy accept;
		tcp dport { 297, 298, 299 } ct status dnat socket transparent 1 return
		tcp dport { 297, 298, 299 } ct status dnat ip daddr 127.0.0.1 counter reject with tcp reset
		tcp dport { 297, 298, 299 } ct status dnat ip6 daddr ::1 counter reject with tcp reset
	}
}
`;

const LIMITED_TABLE = `add table inet resolagent
delete table inet resolagent
table inet resolagent {
	chain redirect_out {
		type nat hook output priority -110; policy accept;
		meta skgid 1 return
		oifname "lo" return
		fib daddr type local return
		meta nfproto ipv4 tcp dport { 80, 443 } tcp flags & (fin | syn | rst | ack) == syn counter redirect to :1
	}
	chain refuse_out {
		type filter hook output priority 0; policy accept;
		meta skgid 1 return
		oifname "lo" return
		fib daddr type local return
		tcp dport { 80, 443 } tcp flags & (fin | syn | rst | ack) == syn counter reject with tcp reset
	}
	chain refuse_astray {
		type filter hook postrouting priority 0; policy accept;
		oifname "lo" return
		ip daddr 127.0.0.0/8 tcp dport 1 counter drop
		ip6 daddr ::1 tcp dport 1 counter drop
	}
	chain guard_in {
		type filter hook input priority 0; policy accept;
		tcp dport { 1 } ct status dnat socket transparent 1 return
		tcp dport { 1 } ct status dnat ip daddr 127.0.0.1 counter reject with tcp reset
		tcp dport { 1 } ct status dnat ip6 daddr ::1 counter reject with tcp reset
	}
}
`;

describe('nft table', () => {
  test('the default plan, byte for byte', () => {
    expect(renderTable(PLAN)).toBe(DEFAULT_TABLE);
  });

  test('some ports, no ranges, no IPv6 listener, QUIC let through, byte for byte', () => {
    const plan: InterceptPlan = {
      port: 1,
      gid: 1,
      skip: [],
      ports: [443, 80, 443],
      rejectUdp443: false,
      ipv6Listener: false,
    };
    expect(renderTable(plan)).toBe(LIMITED_TABLE);
  });

  test('ranges that are diverted are taken out of those that are skipped, in both chains and families', () => {
    const text = renderTable({ ...PLAN, divert: ['192.168.77.2', '192.168.78.0/24', 'fd77::/64'] });
    expect(text).toContain('elements = {\n\t\t\t192.168.77.2,\n\t\t\t192.168.78.0/24,\n\t\t}');
    expect(text.match(/^\t\tip daddr @skip4 ip daddr != @divert4 return$/gm)).toHaveLength(2);
    expect(text.match(/^\t\tip6 daddr @skip6 ip6 daddr != @divert6 return$/gm)).toHaveLength(2);
    expect(renderTable({ ...PLAN, divert: [] })).toBe(DEFAULT_TABLE);
  });

  test('the redirect goes before the guard of the port does', () => {
    expect(renderFarewell('7', [297, 298])).toBe(`delete table inet handle 7
table inet resolagent_farewell {
	chain guard_in {
		type filter hook input priority 0; policy accept;
		tcp dport { 297, 298 } ct status dnat socket transparent 1 return
		tcp dport { 297, 298 } ct status dnat ip daddr 127.0.0.1 counter reject with tcp reset
		tcp dport { 297, 298 } ct status dnat ip6 daddr ::1 counter reject with tcp reset
	}
}
`);
  });

  test('the removal creates the table first, so that it works on one that is not there', () => {
    const both = ['resolagent', 'resolagent_farewell'];
    expect(renderRemoval()).toBe(
      both.map((name) => `add table inet ${name}\ndelete table inet ${name}\n`).join(''),
    );
  });

  test('numbers out of range and text that is no range are refused, never rendered', () => {
    for (const port of [0, 65_536, 1.5, Number.NaN])
      expect(() => renderTable({ ...PLAN, port })).toThrow(RangeError);
    expect(() => renderTable({ ...PLAN, sparePorts: [0] })).toThrow(RangeError);
    for (const gid of [0, -1, 4_294_967_295]) expect(() => renderTable({ ...PLAN, gid })).toThrow(RangeError);
    expect(() => renderTable({ ...PLAN, ports: [] })).toThrow(RangeError);
    expect(() => renderTable({ ...PLAN, ports: [443, 70_000] })).toThrow(RangeError);
    for (const text of ['', '10.0.0.0/33', '10.0.0.0/8, 0.0.0.0/0', '} ; flush ruleset', '010.0.0.0/8']) {
      expect(() => renderTable({ ...PLAN, skip: [text] })).toThrow(RangeError);
    }
  });
});

describe('skip sets', () => {
  test('ranges that overlap or touch become one', () => {
    expect(skipSets(['10.128.0.0/9', '10.0.0.0/9', '10.1.2.3/32', '11.0.0.0/8'])).toEqual({
      v4: ['10.0.0.0/7'],
      v6: [],
    });
    expect(skipSets(['12.0.0.0/8', '10.0.0.0/8', '11.0.0.0/8']).v4).toEqual(['10.0.0.0-12.255.255.255']);
    expect(skipSets(['::ffff:10.0.0.0/104', '::ffff:c0a8:0/112'])).toEqual({
      v4: ['10.0.0.0/8', '192.168.0.0/16'],
      v6: [],
    });
    expect(skipSets(['fe80::/10', 'fec0::/10', '::1/128']).v6).toEqual(['::1', 'fe80::/9']);
  });

  test('bits past the prefix are dropped, and IPv4 written as IPv6 is IPv4', () => {
    expect(skipSets(['10.1.2.3/8', '::ffff:192.0.2.0/120', '2001:db8::5/32'])).toEqual({
      v4: ['10.0.0.0/8', '192.0.2.0/24'],
      v6: ['2001:db8::/32'],
    });
  });

  test('everything is one element in each family', () => {
    expect(skipSets(['0.0.0.0/0', '10.0.0.0/8', '::/0'])).toEqual({ v4: ['0.0.0.0/0'], v6: ['::/0'] });
  });

  test('an address is skipped after joining exactly when one of the ranges holds it', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const range = fc
      .tuple(octet, octet, fc.integer({ min: 4, max: 32 }))
      .map(([a, b, p]) => `${a}.${b}.0.0/${p}`);
    fc.assert(
      fc.property(fc.array(range, { maxLength: 8 }), octet, octet, (ranges, a, b) => {
        const ip = `${a}.${b}.0.1` as Ip;
        const joined = skipSets(ranges).v4;
        const within = (element: string): boolean => {
          const [first = '', last] = element.split('-');
          if (last === undefined) return skips([first.includes('/') ? first : `${first}/32`], ip);
          return number(ip) >= number(first) && number(ip) <= number(last);
        };
        expect(joined.some(within)).toBe(skips(ranges, ip));
      }),
    );
  });
});

function number(ip: string): number {
  return ip.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

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
        const released = await rulesAfter(table, renderRelease());
        expect(released).toContain('ct state established return');
        expect(released).not.toMatch(/redirect to|hook output[^}]*reject/);
        expect(released).toContain('socket transparent 1 return');
        expect(await load(renderRelease())).toContain('No such file or directory');
      });
    }
  },
);

/** What nft complained about. */
function load(script: string): Promise<string> {
  return inNamespace(['nft', '-f', '-'], script);
}

/** What nft lists, or complained about, after two transactions. */
function rulesAfter(first: string, second: string): Promise<string> {
  const both = 'printf %s "$1" | nft -f - && printf %s "$2" | nft -f - && nft list ruleset';
  return inNamespace(['/bin/sh', '-c', both, 'rae-nft', first, second]);
}

/** What a program says in a network namespace of its own. */
async function inNamespace(command: readonly string[], stdin = ''): Promise<string> {
  const child = Bun.spawn(['unshare', '-n', ...command], {
    stdin: new TextEncoder().encode(stdin),
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return out + err + ((await child.exited) === 0 ? '' : `exit ${child.exitCode}`);
}
