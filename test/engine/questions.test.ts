import { expect, test } from 'bun:test';
import { type Held, Questions, rulesFor } from '../../src/engine/questions.ts';
import type { FlowId, Host, Ip, Pid, RegistrableDomain, Uid, UnixMs } from '../../src/model/brand.ts';
import type { Origin, Verdict } from '../../src/model/flow.ts';
import type { Question } from '../../src/policy/decide.ts';

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

function about(host: string | null, path: string | null = '/usr/bin/curl', port = 443): Question {
  const ip = '203.0.113.9' as Ip;
  return { origin: origin(path), host: host as Host | null, ip, port, sniff: null, now: 0 as UnixMs };
}

/** Flows that leave their question once it answers. */
function table() {
  const questions = new Questions({
    holdMs: () => 15_000,
    domainOf: (host) => host.split('.').slice(-2).join('.') as RegistrableDomain,
    findings: () => null,
  });
  const settled: number[] = [];
  const timedOut: number[] = [];
  let nextId = 1;
  const ask = (q: Question): number => {
    const id = nextId++ as FlowId;
    const flow: Held = {
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
    questions.ask(flow, q, OPEN);
    return id;
  };
  return { questions, ask, settled, timedOut };
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

test('an answer for once settles what waits, and the same program at the same name, but no other', () => {
  const { questions, ask, settled } = table();
  const ids = [ask(about('a.example')), ask(about('a.example')), ask(about('b.example'))];
  expect(questions.answerOnce(first(questions), 'allow')).toBe(2);
  expect(settled).toEqual(ids.slice(0, 2));
  expect(questions.answered(about('a.example'))).toMatchObject({ kind: 'allow', reason: 'answered' });
  expect(questions.answered(about('a.example', '/usr/bin/wget'))).toBeNull();
  expect(questions.answered(about('b.example'))).toBeNull();
});

test('once nobody answered, nobody is asked until a key is pressed', () => {
  const { questions } = table();
  expect(questions.attended).toBe(true);
  questions.unanswered();
  expect(questions.attended).toBe(false);
  questions.arrived();
  expect(questions.attended).toBe(true);
});

test('when the last screen goes, all that waits is decided without a person', () => {
  const { questions, ask, timedOut } = table();
  const ids = [ask(about('a.example')), ask(about('b.example'))];
  questions.abandon();
  expect(timedOut).toEqual(ids);
  expect(questions.list()).toEqual([]);
});

test('past its bound nobody is asked', () => {
  const { questions, ask } = table();
  for (let i = 0; i < 500; i++) ask(about(`n${i}.example`));
  expect(questions.attended).toBe(false);
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

test('an answer as a rule names the program, the name or its domain, and its end', () => {
  const { questions, ask } = table();
  ask(about('www.new.example'));
  ask(about('www.new.example', '/usr/bin/wget'));
  const open = first(questions);
  const domain = 'new.example' as RegistrableDomain;
  const rules = (part: object) =>
    rulesFor(
      open,
      'block',
      { kind: 'rule', app: 'all', target: 'name', forMs: null, ...part },
      domain,
      1_000,
    );
  expect(rules({})).toMatchObject([{ action: 'block', host: '=www.new.example', app: null, until: null }]);
  expect(rules({ target: 'domain' })).toMatchObject([{ host: 'new.example' }]);
  expect(rules({ forMs: 500 })).toMatchObject([{ until: 1_500 }]);
  expect(rules({ app: 'this' })).toMatchObject([{ app: '/usr/bin/curl' }, { app: '/usr/bin/wget' }]);
});

test('no rule is made for a program that is not known', () => {
  const { questions, ask } = table();
  ask(about('a.example', null));
  const scope = { kind: 'rule', app: 'this', target: 'name', forMs: null } as const;
  expect(rulesFor(first(questions), 'allow', scope, null, 0)).toContain('not known');
});
