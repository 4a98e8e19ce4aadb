/** Measures `decide` with thousands of rules: `npm run bench:decide -- [CALLS]`. Prints nanoseconds a call, each the mean of BATCH. */
import type { Host, Ip } from '../../src/model/brand.ts';
import type { Rule } from '../../src/model/rule.ts';
import type { Subject } from '../../src/model/subject.ts';
import { decide } from '../../src/policy/decide.ts';
import { compileRules } from '../../src/policy/rules/rule-set.ts';
import { checked, lists, policy, program, question, rule, TLS } from '../policy/examples.ts';

const RULES = 5_000;
const CALLS = Number(process.argv[2] ?? 200_000);
const BATCH = 20;

/** Half names in all forms, a quarter addresses of both families, a quarter programs. */
function someRules(): Rule[] {
  return Array.from({ length: RULES }, (_, i) => {
    const action = i % 3 === 0 ? 'block' : 'allow';
    const low = `${(i >> 8) & 255}.${i & 255}`;
    const hosts = [
      `site${i}.example.com`,
      `*.zone${i}.example`,
      i % 8 < 4 ? `100.${low}.0/24` : `2001:db8:${i.toString(16)}::/48`,
      '*',
    ];
    return rule({ action, host: hosts[i % 4] ?? '*', app: i % 4 === 3 ? `/usr/bin/program${i}` : null });
  });
}

const parents = ['/usr/bin/bash', '/usr/bin/tmux', '/usr/lib/systemd/systemd'];
const browser = program('/usr/lib/firefox/firefox', ...parents);
const ruled = program('/usr/bin/program4999', ...parents);
const CASES: Record<string, Subject> = {
  'name with a rule': question({ host: 'a.b.site4000.example.com' }),
  'name without a rule': question({ host: 'one.two.three.unknown.example.net', origin: browser }),
  'name on a blocklist': question({ host: 'ads.example.net', origin: browser }),
  'name, noted ECH': question({ host: 'unknown.example.net', sniff: { ...TLS, ech: true } }),
  'program with a rule': question({ host: 'unknown.example.net', origin: ruled }),
  'IPv4 address in a range': question({ host: null, ip: '100.0.2.77' as Ip }),
  'IPv6 address, no rule': question({ host: null, ip: '2001:db8:ffff::1:2' as Ip }),
};

const rules = someRules().map(checked);
const began = Bun.nanoseconds();
const set = compileRules(rules);
process.stdout.write(`compile ${RULES} rules: ${((Bun.nanoseconds() - began) / 1e6).toFixed(1)} ms\n`);
const then = Bun.nanoseconds();
set.change([checked(rule({ host: 'one.more.example' }))], []);
process.stdout.write(`add one rule to them: ${((Bun.nanoseconds() - then) / 1e6).toFixed(2)} ms\n`);

const p = { ...policy(), rules: set, lists: lists({ block: ['ads.example.net' as Host] }) };
for (const [name, q] of Object.entries(CASES)) {
  const times: number[] = [];
  let seen = '';
  for (let i = 0; i < CALLS / BATCH; i++) {
    const from = Bun.nanoseconds();
    for (let j = 0; j < BATCH; j++) seen = decide(q, p).stage;
    times.push((Bun.nanoseconds() - from) / BATCH);
  }
  times.sort((a, b) => a - b);
  const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(0).padStart(6);
  process.stdout.write(`${name.padEnd(26)} ${seen.padEnd(10)} p50 ${at(0.5)} ns  p99 ${at(0.99)} ns\n`);
}
