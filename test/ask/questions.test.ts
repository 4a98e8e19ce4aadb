import { afterEach, expect, setSystemTime, test } from 'bun:test';
import { rulesFor } from '../../src/ask/answer-rules.ts';
import { type HeldFlow, Questions } from '../../src/ask/questions.ts';
import type { FlowId, Host, Ip, Pid, RegistrableDomain, Uid, UnixMs } from '../../src/model/brand.ts';
import type { Origin, Verdict } from '../../src/model/flow.ts';
import type { Subject } from '../../src/model/subject.ts';
import { ECH_NOTE } from '../../src/policy/decide.ts';
import { checkRule } from '../../src/policy/rules/text.ts';
import type { RuleDraft } from '../../src/schema/rule.ts';

afterEach(() => void setSystemTime());

const OPEN: Verdict = { kind: 'ask', stage: 'person', reason: 'open_question', evidence: [] };

function origin(path: string | null): Origin {
  return {
    pid: 7 as Pid,
    path,
    name: path?.split('/').at(-1) ?? null,
    uid: 1_000 as Uid,
    user: 'alice',
    parents: [],
    signer: null,
    responsiblePid: null,
    unknown: path === null ? 'no_process' : null,
  };
}

function about(host: string | null, path: string | null = '/usr/bin/curl', port = 443): Subject {
  const ip = '203.0.113.9' as Ip;
  const domain = host === null ? null : (host.split('.').slice(-2).join('.') as RegistrableDomain);
  return { origin: origin(path), host: host as Host | null, domain, ip, port, sniff: null, now: 0 as UnixMs };
}

/** Flows that leave their question once it answers. */
function table() {
  const time = { ms: 0 };
  const parts = {
    holdMs: () => 15_000,
    findings: () => null,
  };
  const questions = new Questions(parts, () => time.ms);
  const settled: number[] = [];
  const timedOut: number[] = [];
  let nextId = 1;
  const ask = (q: Subject, verdict = OPEN): number => {
    const id = nextId++ as FlowId;
    const flow: HeldFlow = {
      id,
      decideAgain: () => {
        if (questions.answered(q) === null) return false;
        settled.push(id);
        questions.gone(id);
        return false;
      },
      holdTimedOut: () => {
        timedOut.push(id);
        questions.gone(id);
      },
    };
    questions.ask(flow, q, verdict);
    return id;
  };
  return { questions, ask, settled, timedOut, time };
}

function first(questions: Questions) {
  const open = questions.find(questions.list()[0]?.id ?? 0);
  if (open === null) throw new Error('there is no question');
  return open;
}

test('connections to the same name make one question, others their own', () => {
  const { questions, ask } = table();
  ask(about('www.new.example'));
  ask(about('www.new.example', '/usr/bin/wget', 8_443));
  ask(about('other.example'));
  ask(about(null));
  expect(questions.list().map((q) => [q.host, q.domain, q.waiting, q.ports])).toEqual([
    ['www.new.example', 'new.example', 2, [443, 8_443]],
    ['other.example', 'other.example', 1, [443]],
    [null, null, 1, [443]],
  ]);
  expect(questions.list()[0]?.apps.map((app) => app.name)).toEqual(['curl', 'wget']);
});

test('a question goes when the last of its flows is gone', () => {
  const { questions, ask } = table();
  const one = ask(about('a.example')) as FlowId;
  const two = ask(about('a.example')) as FlowId;
  questions.gone(one);
  expect(questions.list().map((q) => q.waiting)).toEqual([1]);
  questions.gone(two);
  expect(questions.list()).toEqual([]);
});

test('an answer for once settles what waits, and the same program at the same name, but no other', async () => {
  const { questions, ask, settled } = table();
  const ids = [ask(about('a.example')), ask(about('a.example')), ask(about('b.example'))];
  expect(await questions.answerOnce(first(questions), 'allow')).toBe(2);
  expect(settled).toEqual(ids.slice(0, 2));
  expect(questions.answered(about('a.example'))).toMatchObject({ kind: 'allow', reason: 'answered' });
  expect(questions.answered(about('a.example', '/usr/bin/wget'))).toBeNull();
  expect(questions.answered(about('b.example'))).toBeNull();
});

test('once nobody answered, nobody is asked until a key is pressed', () => {
  const { questions } = table();
  expect(questions.hasRoom(about('a.example'))).toBe(true);
  questions.unanswered();
  expect(questions.hasRoom(about('a.example'))).toBe(false);
  questions.arrived();
  expect(questions.hasRoom(about('a.example'))).toBe(true);
});

test('a person who pressed a key while a question ran out is there, and busy with another', () => {
  const { questions, time } = table();
  questions.arrived();
  time.ms += 14_999;
  questions.unanswered();
  expect(questions.hasRoom(about('a.example'))).toBe(true);
  time.ms += 1;
  questions.unanswered();
  expect(questions.hasRoom(about('a.example'))).toBe(false);
});

test('when the last screen goes, all that waits is decided without a person', () => {
  const { questions, ask, timedOut } = table();
  const ids = [ask(about('a.example')), ask(about('b.example'))];
  questions.abandon();
  expect(timedOut).toEqual(ids);
  expect(questions.list()).toEqual([]);
});

test('a thousand flows that nobody is left to answer are let go in slices, and so are those that are answered', async () => {
  const { questions, ask, settled, timedOut } = table();
  for (let i = 0; i < 1_000; i++) ask(about('a.example'));
  questions.abandon();
  expect(timedOut.length).toBe(200);
  const answering = questions.answerOnce(first(questions), 'allow');
  expect(settled.length).toBe(200);
  expect(await answering).toBe(800);
  expect(settled.length).toBe(800);
});

test('past its bound nobody is asked but of what is asked already', () => {
  const { questions, ask } = table();
  for (let i = 0; i < 100; i++) ask(about(`n${i}.example`, `/bin/p${i % 10}`));
  expect(questions.hasRoom(about('late.example'))).toBe(false);
  expect(questions.hasRoom(about('n99.example'))).toBe(true);
});

test('one program opens no more than its part of the questions, and gets its places back', () => {
  const { questions, ask } = table();
  const ids = Array.from({ length: 32 }, (_, i) => ask(about(`n${i}.example`, '/tmp/noisy')));
  expect(questions.hasRoom(about('more.example', '/tmp/noisy'))).toBe(false);
  expect(questions.hasRoom(about('n3.example', '/tmp/noisy'))).toBe(true);
  expect(questions.hasRoom(about('more.example'))).toBe(true);
  questions.gone(ids[0] as FlowId);
  expect(questions.hasRoom(about('more.example', '/tmp/noisy'))).toBe(true);
});

test('two programs that nothing is known of share no answer for later', async () => {
  const { questions, ask, settled } = table();
  const id = ask(about('a.example', null));
  expect(await questions.answerOnce(first(questions), 'allow')).toBe(1);
  expect(settled).toEqual([id]);
  expect(questions.answered(about('a.example', null))).toBeNull();
});

test('an answer for once ends after a minute, whatever is done to the wall clock', async () => {
  const { questions, ask, time } = table();
  ask(about('a.example'));
  await questions.answerOnce(first(questions), 'allow');
  setSystemTime(Date.now() + 86_400_000);
  time.ms += 59_999;
  expect(questions.answered(about('a.example'))?.kind).toBe('allow');
  setSystemTime(Date.now() - 365 * 86_400_000);
  time.ms += 1;
  expect(questions.answered(about('a.example'))).toBeNull();
});

test('of a thousand answers the oldest goes first, and none of the others', async () => {
  const { questions, ask } = table();
  for (let i = 0; i < 1_001; i++) {
    ask(about(`n${i}.example`));
    await questions.answerOnce(first(questions), 'block');
  }
  expect(questions.answered(about('n0.example'))).toBeNull();
  expect(questions.answered(about('n1.example'))?.kind).toBe('block');
  expect(questions.answered(about('n1000.example'))?.kind).toBe('block');
});

test('an answer is for the programs that were read: not for one that joined this moment', async () => {
  const { questions, ask, settled, time } = table();
  const read = ask(about('a.example'));
  time.ms += 350;
  const late = ask(about('a.example', '/tmp/evil'));
  const unknown = ask(about('a.example', null));
  expect(questions.programsOf(first(questions)).map(({ path }) => path)).toEqual(['/usr/bin/curl']);
  expect(await questions.answerOnce(first(questions), 'allow')).toBe(1);
  expect(settled).toEqual([read]);
  expect(questions.answered(about('a.example', '/tmp/evil'))).toBeNull();
  expect(questions.list().map(({ flows }) => flows)).toEqual([[late, unknown]]);
});

test('an answer is not for programs beyond those that are told', async () => {
  const { questions, ask, settled } = table();
  const ids = Array.from({ length: 9 }, (_, i) => ask(about('a.example', `/bin/p${i}`)));
  expect(questions.list()[0]?.apps.length).toBe(8);
  expect(await questions.answerOnce(first(questions), 'allow')).toBe(8);
  expect(settled).toEqual(ids.slice(0, 8));
  expect(questions.list()[0]?.apps.map(({ name }) => name)).toEqual(['p8']);
});

test('the time a question tells is that of its flows, whatever is configured meanwhile', () => {
  let holdMs = 15_000;
  const questions = new Questions({ holdMs: () => holdMs, findings: () => null });
  const flow: HeldFlow = { id: 1 as FlowId, decideAgain: () => false, holdTimedOut: () => undefined };
  setSystemTime(1_795_000_000_000);
  questions.ask(flow, about('a.example'), OPEN);
  holdMs = 1_000;
  expect(questions.list()[0]).toMatchObject({ since: 1_795_000_000_000, deadline: 1_795_000_015_000 });
});

test('thousands of flows and findings make no long list', () => {
  const findings = Array.from({ length: 50 }, () => 'x'.repeat(200));
  const questions = new Questions({
    holdMs: () => 15_000,

    findings: () => ({ inquiry: 1, findings }),
  });
  const path = '/p'.repeat(2_000);
  for (let i = 0; i < 20_000; i++) {
    const flow: HeldFlow = { id: i as FlowId, decideAgain: () => false, holdTimedOut: () => undefined };
    questions.ask(flow, about(`n${i % 100}.example`, `${path}/${i % 1_000}`, i), OPEN);
  }
  expect(questions.list()).toHaveLength(100);
  expect(questions.list()[0]).toMatchObject({ waiting: 200 });
  expect(JSON.stringify(questions.list()).length).toBeLessThan(1_000_000);
});

test('that a browser may hide a name is not why nobody decided it', () => {
  const { questions, ask } = table();
  const late = { kind: 'note', text: 'the judge had not answered after 20 s' } as const;
  ask(about('a.example'), { ...OPEN, evidence: [late, ECH_NOTE] });
  ask(about('b.example'), { ...OPEN, evidence: [ECH_NOTE] });
  expect(questions.list().map(({ reason }) => reason)).toEqual([
    late.text,
    'no rule, list or score decides it',
  ]);
});

test('changes are told once', () => {
  const { questions, ask } = table();
  expect(questions.takeChanged()).toBe(false);
  ask(about('a.example'));
  expect(questions.takeChanged()).toBe(true);
  expect(questions.takeChanged()).toBe(false);
  questions.findingsChanged();
  expect(questions.takeChanged()).toBe(true);
});

const AS_RULE = { kind: 'rule', app: 'all', target: 'name', forMs: null } as const;

test('an answer as a rule names the program, the name or its domain, and its end', () => {
  const asked = {
    host: 'www.new.example',
    ip: '203.0.113.9',
    domain: 'new.example' as RegistrableDomain,
    programs: [origin('/usr/bin/curl'), origin('/usr/bin/wget'), origin('/usr/bin/curl')],
  };
  const rules = (part: object) => rulesFor(asked, 'block', { ...AS_RULE, ...part }, 1_000);
  expect(rules({})).toMatchObject([{ action: 'block', host: '=www.new.example', app: null, until: null }]);
  expect(rules({ target: 'domain' })).toMatchObject([{ host: 'new.example' }]);
  expect(rules({ forMs: 500 })).toMatchObject([{ until: 1_500 }]);
  expect(rules({ app: 'this' })).toMatchObject([{ app: '/usr/bin/curl' }, { app: '/usr/bin/wget' }]);
});

test.each(['203.0.113.9', '2001:db8::9'])('an answer as a rule for the bare address %s can be made', (ip) => {
  const asked = { host: null, ip, domain: null, programs: [origin('/usr/bin/curl')] };
  const [rule] = rulesFor(asked, 'allow', { ...AS_RULE, target: 'domain' }, 0) as readonly RuleDraft[];
  expect(checkRule(rule as RuleDraft)).toMatchObject({ ok: true, checked: { rule: { host: ip } } });
});

test('no rule is made for a program whose path is not known: a name is what any program may call itself', () => {
  const nameless = origin(null);
  for (const one of [nameless, { ...nameless, name: 'curl' }]) {
    const asked = { host: 'a.example', ip: '', domain: null, programs: [origin('/usr/bin/wget'), one] };
    expect(rulesFor(asked, 'allow', { ...AS_RULE, app: 'this' }, 0)).toContain('not known');
  }
});
