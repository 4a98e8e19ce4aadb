import { PF_ANCHOR } from '../../pf/anchor-name.ts';
import type { Run } from '../../pf/runner.ts';
import type { ProgramInput, ProgramResult } from '../../src/system/run-program.ts';
import { checkAnchorGrammar } from './grammar/check.ts';

/** The program that the tests name as "this program", for probes. */
export const SELF = '/opt/resolagent/resolagent';

const ALTQ = 'No ALTQ support in kernel\nALTQ related functions disabled\n';
const MAIN_RULES = 'scrub-anchor "com.apple/*" all fragment reassemble\nanchor "com.apple/*" all\n';
const MAIN_NAT = 'nat-anchor "com.apple/*" all\nrdr-anchor "com.apple/*" all\n';

/** pf, dscl and our own probe of a pretended Mac, as the programs that speak to them show it. Tests may change any of it. */
export class FakePf {
  /** Token to the pid that took it; pf is on while there is one. */
  readonly tokens = new Map<string, number>();
  anchor = '';
  mainRules = MAIN_RULES;
  mainNat = MAIN_NAT;
  skipsLo0 = false;
  /** Tracked connections and how many there may be; null for a pfctl that tells neither. */
  states: readonly [count: number, limit: number] | null = null;
  /** What the next call with this first argument, or with `-a … ARG`, answers instead. */
  readonly failures = new Map<string, string>();
  readonly groups = new Map([
    ['wheel', 0],
    ['staff', 20],
    ['_spotlight', 89],
  ]);
  readonly users = new Map([
    ['root', 0],
    ['alice', 20],
  ]);
  members: readonly string[] = [];
  /** Exit code of the probe for this destination. */
  probe: (ip: string, port: number) => Promise<number> = async () => 12;
  readonly calls: string[] = [];
  #nextToken = 15_305_728_931_839_270_021n;

  readonly run: Run = async (input) => {
    this.calls.push([input.path, ...input.args].join(' '));
    if (input.path === '/sbin/pfctl') return this.#pfctl(input);
    if (input.path === '/usr/bin/dscl') return this.#dscl(input.args);
    if (input.path === SELF) return result(await this.probe(input.args[1] ?? '', Number(input.args[2])));
    throw new Error(`ENOENT: no such file or directory, posix_spawn '${input.path}'`);
  };

  #pfctl({ args, stdin }: ProgramInput): ProgramResult {
    for (const [args_, stderr] of this.failures) {
      if (args.join(' ').includes(args_)) return result(1, '', `${ALTQ}${stderr}\n`);
    }
    if (args[0] === '-a')
      return args[1] === PF_ANCHOR
        ? this.#inAnchor(args.slice(2), stdin ?? '')
        : result(1, '', 'which anchor?');
    switch (args.join(' ')) {
      case '-s rules':
        return result(0, this.mainRules);
      case '-s nat':
        return result(0, this.mainNat);
      case '-v -s Interfaces -i lo0':
        return result(0, `lo0${this.skipsLo0 ? ' (skip)' : ''}\n\tCleared:     Thu Nov 20 09:00:00 2025\n`);
      case '-s info':
        return result(
          0,
          `Status: ${this.tokens.size > 0 ? 'Enabled' : 'Disabled'} for 0 days 00:00:01\n\nState Table                          Total             Rate\n${this.states === null ? '' : `  current entries                 ${String(this.states[0]).padStart(8)}               \n`}`,
        );
      case '-s memory':
        return result(
          0,
          this.states === null
            ? ''
            : `states        hard limit   ${String(this.states[1]).padStart(6)}\nsrc-nodes     hard limit    10000\n`,
        );
      case '-s References':
        return result(0, this.#references());
      case '-E':
        return this.#enable();
      case '-f /etc/pf.conf':
        return this.#loadMain();
    }
    if (args[0] === '-X')
      return this.tokens.delete(args[1] ?? '')
        ? result(0)
        : result(1, '', 'pfctl: DIOCSTOPREF: Invalid argument');
    return result(1, '', `usage: pfctl (not ${args.join(' ')})`);
  }

  #inAnchor(args: readonly string[], stdin: string): ProgramResult {
    const rules = this.anchor.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    switch (args.join(' ')) {
      case '-n -f -':
      case '-f -': {
        const [problem] = checkAnchorGrammar(stdin);
        if (problem !== undefined) return result(1, '', `${ALTQ}stdin:${problem.line}: syntax error`);
        if (args[0] === '-f') this.anchor = stdin;
        return result(0, '', `${ALTQ}pfctl: Use of -f option, could result in flushing of rules\n`);
      }
      case '-F all':
        this.anchor = '';
        return result(0, '', 'rules cleared\nnat cleared\n0 tables deleted.\n');
      case '-s rules':
        return result(0, rules.filter((line) => /^(pass|block)/.test(line)).join('\n'));
      case '-s nat':
        return result(0, rules.filter((line) => /^(no )?rdr/.test(line)).join('\n'));
      default:
        return result(1, '', `usage: pfctl (not ${args.join(' ')})`);
    }
  }

  #enable(): ProgramResult {
    const token = String(this.#nextToken++);
    this.tokens.set(token, 24_000 + this.tokens.size);
    return result(0, '', `${ALTQ}pf enabled\nToken : ${token}\n`);
  }

  #references(): string {
    if (this.tokens.size === 0) return 'No pf starter references held\n';
    const rows = [...this.tokens].map(
      ([token, pid]) => `${String(pid).padEnd(8)} ${'pfctl'.padEnd(28)} ${token.padEnd(24)} 0 days 00:01:06`,
    );
    return `TOKENS:\nPID      Process Name                 TOKEN                    TIMESTAMP\n${rows.join('\n')}\n`;
  }

  #loadMain(): ProgramResult {
    this.mainRules = MAIN_RULES;
    this.mainNat = MAIN_NAT;
    this.skipsLo0 = false;
    return result(0, '', ALTQ);
  }

  #dscl(args: readonly string[]): ProgramResult {
    const [dot, verb, path = '', key, value] = args;
    if (dot !== '.') return result(1, '', 'which node?');
    const list = path.startsWith('/Groups') ? this.groups : this.users;
    if (verb === '-list')
      return result(0, [...list].map(([name, number]) => `${name.padEnd(24)} ${number}`).join('\n'));
    if (verb === '-read') {
      return result(
        0,
        this.members.length === 0
          ? 'No such key: GroupMembership'
          : `GroupMembership: ${this.members.join(' ')}\n`,
      );
    }
    const failure = this.failures.get('dscl');
    if (failure !== undefined) return result(1, '', failure);
    // A record without a number is not in the list of numbers.
    if (verb === '-create' && key === 'PrimaryGroupID')
      this.groups.set(path.slice('/Groups/'.length), Number(value));
    return result(0);
  }
}

function result(code: number, stdout = '', stderr = ''): ProgramResult {
  return { code, timedOut: false, stdout, stderr };
}
