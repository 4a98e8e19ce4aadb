import { describe, expect, test } from 'bun:test';
import type { Pid, RuleId } from '../../../src/model/brand.ts';
import type { FlowRecord } from '../../../src/model/flow.ts';
import { interestingParent } from '../../../src/model/parent.ts';
import {
  describeVerdict,
  effectSign,
  programLabel,
  scoreOf,
  verdictWord,
  whyOf,
} from '../../../tui/words/flow.ts';
import { ancestor, blockedFlow, makeFlow, origin, VERDICTS } from '../feed/make-flow.ts';

const guard = makeFlow(1, {
  verdict: VERDICTS.unresolved,
  effect: 'reset',
  state: 'refused',
  upstreamIp: null,
});
const held = makeFlow(1, { verdict: VERDICTS.asking, effect: 'held', state: 'open' });
const passedByDefault = makeFlow(1, { verdict: VERDICTS.undecided, defaulted: true });

describe('the word for a flow', () => {
  const table: readonly (readonly [string, FlowRecord, string, string])[] = [
    ['allowed', makeFlow(1), '✓', 'ALLOW'],
    ['blocked', blockedFlow(1), '✗', 'BLOCK'],
    ['blocked with HTTP 403', makeFlow(1, { verdict: VERDICTS.ruled, effect: 'forbidden' }), '✗', 'BLOCK'],
    ['held', held, '?', 'HELD'],
    ['passed by default', passedByDefault, '✓', 'DEFAULT'],
    ['refused by default', { ...passedByDefault, effect: 'reset' }, '✗', 'DEFAULT'],
    [
      'forwarded in permissive mode',
      { ...blockedFlow(1), effect: 'forward', mode: 'permissive' },
      '✓',
      'WOULD-BLOCK',
    ],
    [
      'passed by default and cut by a rule later',
      { ...passedByDefault, verdict: VERDICTS.ruled, effect: 'reset' },
      '✗',
      'BLOCK',
    ],
    ['closed without a word', makeFlow(1, { effect: 'closed', state: 'closed' }), '✗', 'CLOSED'],
    ['cut by the name guard', guard, '✗', 'REFUSED'],
    [
      'cut at accept',
      makeFlow(1, {
        effect: 'reset',
        verdict: { ...VERDICTS.ruled, stage: 'accept', reason: 'own_traffic' },
      }),
      '✗',
      'REFUSED',
    ],
  ];
  for (const [what, flow, sign, word] of table) {
    test(`says ${sign} ${word} of a connection that was ${what}`, () => {
      expect([effectSign(flow), verdictWord(flow)] as string[]).toEqual([sign, word]);
    });
  }
});

describe('why', () => {
  test('names category and list', () => {
    expect(whyOf(blockedFlow(1))).toBe('ads · third-party-web');
    expect(whyOf(makeFlow(1))).toBe('allowlist · builtin');
  });

  test('says what a rule is about without repeating the verdict', () => {
    const rule = (text: string) =>
      whyOf(
        makeFlow(1, {
          verdict: { ...VERDICTS.ruled, evidence: [{ kind: 'rule', rule: 'a' as RuleId, text }] },
        }),
      );
    expect(rule('block any program from reaching example.net and below')).toBe(
      'rule · example.net and below',
    );
    expect(rule('allow curl to reach example.net only, port 443')).toBe(
      'rule · curl: example.net only, port 443',
    );
    expect(
      rule('the program is not known, so it counts as any: block curl from reaching a.example only'),
    ).toBe('rule · curl: a.example only');
    expect(rule('a text of another make')).toBe('rule · a text of another make');
  });

  test('is the plain reason where nothing decided or a guard spoke', () => {
    expect(whyOf(passedByDefault)).toBe('nobody to ask');
    const judging = { ...VERDICTS.undecided, stage: 'judge' } as const;
    expect(whyOf({ ...passedByDefault, mode: 'permissive', verdict: judging })).toBe('judge not waited for');
    expect(whyOf(guard)).toBe('name has no address');
  });

  test('is who is asked as long as a connection is held', () => {
    expect(whyOf(held)).toBe('asks you');
    const judged = { ...held, verdict: { ...VERDICTS.asking, stage: 'judge' } } as const;
    expect(whyOf(judged)).toBe('asks the judge');
  });

  test("is the judge's own reason, without model and verdict", () => {
    const by = (reason: 'judged' | 'cached', text: string) => {
      const evidence = [{ kind: 'judge', inquiry: 3, text }] as const;
      return whyOf(makeFlow(1, { verdict: { kind: 'allow', stage: 'judge', reason, evidence } }));
    };
    expect(by('judged', 'gpt-oss:20b: allow: known: for years')).toBe('judge · known: for years');
    expect(by('cached', 'm: block: registered: allow: today')).toBe(
      'judged before · registered: allow: today',
    );
    expect(by('judged', 'a text of another make')).toBe('judge · a text of another make');
  });

  test('is what the person said, once', () => {
    const evidence = [{ kind: 'note', text: 'you allowed it for once' }] as const;
    const verdict = { kind: 'allow', stage: 'person', reason: 'answered', evidence } as const;
    expect(whyOf(makeFlow(1, { verdict }))).toBe('you allowed it for once');
  });

  test('adds what went wrong after an allow', () => {
    const flow = makeFlow(1, { state: 'connect_failed', detail: 'ECONNREFUSED', nameMismatch: true });
    expect(whyOf(flow)).toBe('allowlist · builtin · name not true · ECONNREFUSED');
  });

  test('says in a sentence whether a default passed or refused', () => {
    expect(describeVerdict(passedByDefault)).toContain('passed by default');
    expect(describeVerdict({ ...passedByDefault, effect: 'reset' })).toContain('was refused by default');
  });
});

describe('the score', () => {
  test('is the trust score before any other, and null when there is none', () => {
    expect(scoreOf([{ kind: 'note', text: 'x' }])).toBeNull();
    expect(scoreOf([{ kind: 'score', signal: 'trust', value: null, text: 'unknown' }])).toBeNull();
    expect(
      scoreOf([
        { kind: 'score', signal: 'entropy', value: 3.2, text: 'entropy 3.2' },
        { kind: 'score', signal: 'trust', value: 71, text: 'trust 71' },
      ]),
    ).toBe(71);
  });
});

describe('the program', () => {
  test('stands with the shell that started it', () => {
    expect(programLabel(origin())).toBe('curl ‹ bash');
  });

  test('stands with the tool behind the shell when there is one', () => {
    const parents = [ancestor('sh', 3), ancestor('npm', 2), ancestor('bash', 1)];
    expect(programLabel(origin({ parents }))).toBe('curl ‹ npm');
  });

  test('skips itself and what only carries a session', () => {
    const parents = ['curl', 'sudo', 'tmux: server', 'sshd', 'systemd'].map((name, pid) =>
      ancestor(name, pid),
    );
    expect(interestingParent(origin({ parents }))).toBeNull();
    expect(programLabel(origin({ parents }))).toBe('curl');
  });

  test('knows a login shell by its name', () => {
    expect(interestingParent(origin({ parents: [ancestor('-zsh', 2)] }))).toBe('zsh');
  });

  test('is called unknown, or by its pid, when it has no name', () => {
    const nameless = origin({ name: null, path: null, parents: [] });
    expect(programLabel({ ...nameless, pid: null })).toBe('unknown');
    expect(programLabel({ ...nameless, pid: 12 as Pid })).toBe('pid 12');
  });
});
