import { afterEach, describe, expect, test } from 'bun:test';
import type { FlowId } from '../../../src/model/brand.ts';
import type { FlowRecord } from '../../../src/model/flow.ts';
import type { Prompt } from '../../../src/schema/prompt.ts';
import { FakeEngine } from '../fake-engine.ts';
import { makeFlow, VERDICTS } from '../feed/make-flow.ts';
import { closeScreens, openScreen } from '../open-screen.tsx';
import { COLOR } from '../picture.tsx';
import { asking, makeQuestion } from '../question/make-question.ts';

const ESC = '\u001b';
const ENTER = '\r';
const TAB = '\t';
const [UP, DOWN, RIGHT, LEFT] = ['\u001b[A', '\u001b[B', '\u001b[C', '\u001b[D'] as const;
/** Longer than keys are kept back from what came to the front. */
const ARMED_MS = 701;
const UNARMED_MS = 699;

afterEach(closeScreens);

/** A screen that shows `questions`, long enough to be aimed at. */
async function asked(questions: readonly Prompt[], flows: readonly FlowRecord[] = [makeFlow(1)]) {
  const engine = new FakeEngine(flows);
  const screen = await openScreen(engine);
  engine.emitQuestions(questions);
  await screen.until(() => screen.store.getSnapshot().queue.questions.length === questions.length);
  screen.pass(ARMED_MS);
  const answers = () =>
    engine.asked.filter(({ method }) => method === 'questions.answer').map(({ params }) => params);
  return { ...screen, answers };
}

describe('the answer', () => {
  test('a allows what waits, once, and says for how many connections', async () => {
    const screen = await asked([makeQuestion(7, { waiting: 3 })]);
    screen.press('a');
    await screen.see('allowed once: new-name.example · 3 connections');
    expect(screen.answers()).toEqual([{ question: 7, action: 'allow', scope: { kind: 'once' } }]);
    expect(screen.engine.rules).toEqual([]);
    await screen.seeNot('wants');
  });

  test('b blocks it, once', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.press('b');
    await screen.see('blocked once: new-name.example · 1 connection');
    expect(screen.answers()).toEqual([{ question: 7, action: 'block', scope: { kind: 'once' } }]);
  });

  test('goes to the question even where a row is chosen', async () => {
    const screen = await asked([makeQuestion(7)], [makeFlow(1), makeFlow(2)]);
    screen.press(DOWN, 'b');
    await screen.see('blocked once: new-name.example');
    expect(screen.engine.rules).toEqual([]);
  });

  test('to a question that is over in the meantime is refused by the engine, and that is shown', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.engine.questions = [];
    screen.press('a');
    await screen.see('not done: allow new-name.example: this question is no longer open');
  });

  test('is told with the end of a long name, and makes way for the keys of a lasting one', async () => {
    const long = `${'a-part.'.repeat(30)}evil.example`;
    const screen = await asked([makeQuestion(7, { host: long }), makeQuestion(8)]);
    screen.press('a');
    await screen.see('allowed once: …-part.a-part.a-part.a-part.evil.example · 1 connection');
    screen.pass(1_000);
    screen.press('A');
    await screen.see('Enter put in force');
    expect(screen.frame()).not.toContain('allowed once');
  });

  test('is told to be on its way to an engine that does not answer yet', async () => {
    const screen = await asked([makeQuestion(7)]);
    const gate = Promise.withResolvers<void>();
    screen.engine.answerGate = gate.promise;
    screen.press('a');
    await screen.see('allow new-name.example: sent to the engine');
    screen.press('a');
    await screen.see('new-name.example: the engine has not taken the answer yet');
    gate.resolve();
    await screen.see('allowed once: new-name.example');
    expect(screen.answers()).toHaveLength(1);
  });

  test('is sent once while the key is held down', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.press('a', 'a', 'a', 'a');
    await screen.see('allowed once');
    screen.press('a', 'a');
    await screen.see('new-name.example: you answered · a again to allow www.example.com for everyone');
    expect(screen.answers()).toHaveLength(1);
    expect(screen.engine.rules).toEqual([]);
  });

  test('is not the rule that a and b make in the breakdown: there they act on the flow shown', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.press(ENTER);
    await screen.see('DECIDED');
    expect(screen.frame()).toContain('Esc, then a b');
    screen.press('b');
    await screen.see('blocked www.example.com for everyone');
    expect(screen.answers()).toEqual([]);
  });

  test('works while the feed goes on and the filter is typed as ever', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.engine.emit([makeFlow(2, { host: 'later.example' })]);
    await screen.see('later.example');
    screen.press('/', 'a', 'b', 'n');
    await screen.see('/ abn');
    expect(screen.answers()).toEqual([]);
  });
});

describe('a question that came this moment', () => {
  test('takes no key of an answer before 700 ms are over, and takes it then', async () => {
    const screen = await asked([]);
    screen.engine.emitQuestions([makeQuestion(7)]);
    await screen.see('wants');
    screen.pass(UNARMED_MS);
    for (const key of ['a', 'b', 'A', 'B']) {
      screen.press(key);
      await screen.see(`this question came this moment: ${key} again`);
    }
    expect(screen.answers()).toEqual([]);
    expect(screen.engine.rules).toEqual([]);
    expect(screen.store.getSnapshot().ui.scope).toBeNull();
    screen.pass(1);
    screen.press('b');
    await screen.see('blocked once');
  });

  test('is never hit by an answer to the one in whose place it slid, and what became of that is told', async () => {
    const flow = makeFlow(700, { host: 'first.example', verdict: VERDICTS.asking, effect: 'held' });
    const first = makeQuestion(7, { host: 'first.example', flows: [700] });
    const screen = await asked([first, makeQuestion(8, { host: 'second.example' })], [flow]);
    screen.engine.emit([
      { ...flow, effect: 'forward', verdict: { ...VERDICTS.allowlisted, reason: 'judged', stage: 'judge' } },
    ]);
    screen.engine.emitQuestions([makeQuestion(8, { host: 'second.example' })]);
    await screen.see('wants second.example');
    screen.press('a');
    await screen.see('first.example: allowed: judge · this question came this moment: a again');
    expect(screen.answers()).toEqual([]);
    screen.pass(ARMED_MS);
    screen.press('a');
    await screen.see('allowed once: second.example');
    expect(screen.answers()).toMatchObject([{ question: 8 }]);
  });

  test('a key that comes when the last question just went makes no rule for the row below', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.pass(11_000);
    screen.engine.emitQuestions([]);
    await screen.seeNot('wants');
    screen.press('a');
    await screen.see('new-name.example: its time is over · a again to allow www.example.com for everyone');
    expect(screen.engine.rules).toEqual([]);
    screen.pass(ARMED_MS);
    screen.press('a');
    await screen.see('allowed www.example.com for everyone');
  });

  test('must be read anew when a further program joins it', async () => {
    const screen = await asked([makeQuestion(7)]);
    const apps = [asking(), asking({ name: 'evil', path: '/tmp/evil' })];
    screen.engine.emitQuestions([makeQuestion(7, { apps, waiting: 2 })]);
    await screen.see('and 1 more');
    screen.press('a');
    await screen.see('this question came this moment');
    expect(screen.answers()).toEqual([]);
  });

  test('stays in front, armed, while more connections, findings and questions come', async () => {
    const screen = await asked([makeQuestion(7)]);
    const more = makeQuestion(7, { waiting: 9, findings: ['registered 3 days ago'], inquiry: 4 });
    screen.engine.emitQuestions([makeQuestion(6, { host: 'older.example' }), more]);
    await screen.see('registered 3 days ago');
    screen.press('a');
    await screen.see('allowed once: new-name.example · 9 connections');
  });
});

describe('the queue', () => {
  const three = ['one', 'two', 'three'].map((name, at) => makeQuestion(at + 1, { host: `${name}.example` }));

  test('n and N turn to the next and the one before, round the end, and the answer goes where one turned', async () => {
    const screen = await asked(three);
    await screen.see('2 more');
    screen.press('n');
    await screen.see('wants two.example');
    screen.press('N', 'N');
    await screen.see('wants three.example');
    screen.press(']');
    await screen.see('wants one.example');
    screen.press('[');
    await screen.see('wants three.example');
    screen.pass(ARMED_MS);
    screen.press('b');
    await screen.see('blocked once: three.example');
    expect(screen.answers()).toMatchObject([{ question: 3, action: 'block' }]);
    await screen.see('wants one.example');
  });

  test('n with nothing else to turn to says so', async () => {
    const screen = await asked([makeQuestion(1)]);
    screen.press('n');
    await screen.see('no other question waits');
  });

  test('of five hundred takes answers one by one', async () => {
    const flood = Array.from({ length: 500 }, (_, at) => makeQuestion(at + 1, { host: `h${at}.example` }));
    const screen = await asked(flood);
    await screen.see('499 more');
    for (let at = 0; at < 3; at++) {
      await screen.see(`wants h${at}.example`);
      screen.pass(ARMED_MS);
      screen.press('b');
      await screen.see(`blocked once: h${at}.example`);
    }
    await screen.see('496 more');
    expect(screen.answers()).toMatchObject([{ question: 1 }, { question: 2 }, { question: 3 }]);
  });

  test('is shown to whoever attaches after it was asked', async () => {
    const engine = new FakeEngine([makeFlow(1)]);
    engine.questions = [makeQuestion(7)];
    const screen = await openScreen(engine);
    await screen.see('curl ‹ bash (alice) wants new-name.example:443');
  });

  test('ends with the engine', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.press('A');
    await screen.see('allow curl to reach');
    screen.engine.die();
    await screen.see('ENGINE GONE');
    await screen.see('nothing was sent · new-name.example: the engine is gone');
    await screen.seeNot('wants');
    expect(screen.store.getSnapshot().ui.scope).toBeNull();
  });
});

describe('the lasting answer', () => {
  test('A opens it: this program, this name, for ever, in words; Enter puts it in force and u takes it back', async () => {
    const screen = await asked([makeQuestion(7, { waiting: 3 })]);
    screen.press('A');
    await screen.see('allow curl to reach new-name.example for ever');
    await screen.see('[this app] every app  · [name] domain  ·  1 h  1 day  1 week [for ever]');
    expect(screen.frame()).toContain('www.example.com');
    screen.press(ENTER);
    await screen.see('allowed curl to reach new-name.example for ever · 3 connections · u undoes');
    expect(screen.answers()).toEqual([
      {
        question: 7,
        action: 'allow',
        scope: { kind: 'rule', app: 'this', target: 'name', forMs: null },
      },
    ]);
    screen.press('u');
    await screen.see('allow new-name.example taken back');
    expect(screen.engine.rules).toEqual([]);
  });

  test('arrows and Tab choose field and value', async () => {
    const screen = await asked([makeQuestion(7, { host: 'www.new.example', domain: 'new.example' })]);
    screen.press('B');
    await screen.see('block curl from reaching www.new.example for ever');
    screen.press(DOWN);
    await screen.see('block every program from reaching www.new.example for ever');
    screen.press(TAB, UP);
    await screen.see('from reaching new.example and all below it for ever');
    screen.press(RIGHT, DOWN);
    await screen.see('for 1 hour');
    screen.press(' ', DOWN);
    await screen.see('for 1 week');
    screen.press(LEFT, DOWN, RIGHT, UP, ENTER);
    await screen.see('blocked every program from reaching www.new.example for 1 day');
    expect(screen.answers()).toMatchObject([
      { action: 'block', scope: { app: 'all', target: 'name', forMs: 86_400_000 } },
    ]);
  });

  test('Esc leaves it, and nothing was sent', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.press('A');
    await screen.see('[this app]');
    screen.press(ESC);
    await screen.seeNot('[this app]');
    await screen.see('wants new-name.example');
    expect(screen.answers()).toEqual([]);
  });

  test('says honestly that the rule could not be saved', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.engine.ledgerFails = true;
    screen.press('A', ENTER);
    await screen.see('NOT SAVED, in force until the engine stops: allowed curl');
  });

  test('is put away when its question is over, with what became of it; the next question is not hit', async () => {
    const screen = await asked([makeQuestion(7), makeQuestion(8, { host: 'other.example' })]);
    screen.press('A');
    await screen.see('[this app]');
    screen.engine.emitQuestions([makeQuestion(8, { host: 'other.example' })]);
    await screen.see('nothing was sent · new-name.example: it was settled elsewhere');
    screen.press(ENTER);
    expect(screen.answers()).toEqual([]);
    expect(screen.engine.rules).toEqual([]);
  });

  test('says that its time ran out while it was put together', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.press('B');
    await screen.see('[this app]');
    screen.pass(11_000);
    await screen.see('time is over');
    screen.engine.emitQuestions([]);
    await screen.see('nothing was sent · new-name.example: its time is over');
    expect(screen.answers()).toEqual([]);
  });

  test('wants Enter again when a program joined the question this moment', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.press('A');
    await screen.see('[this app]');
    const apps = [asking(), asking({ name: 'evil', path: '/tmp/evil' })];
    screen.engine.emitQuestions([makeQuestion(7, { apps })]);
    await screen.see('allow curl and 1 more to reach');
    screen.press(ENTER);
    await screen.see('another program asks for it since this moment: Enter again');
    expect(screen.answers()).toEqual([]);
    screen.pass(ARMED_MS);
    screen.press(ENTER);
    await screen.see('allowed curl and 1 more to reach');
  });

  test('offers only what a rule can say: no program that is not known, no domain of an address', async () => {
    const unknown = { name: null, path: null, user: null, parent: null };
    const screen = await asked([makeQuestion(7, { host: null, domain: null, apps: [unknown] })]);
    screen.press('A');
    await screen.see('allow every program to reach 203.0.113.7 for ever');
    expect(screen.frame()).toMatch(/ {2}\[every app\] · \[address\] · {2}1 h/);
    screen.press(DOWN, TAB, DOWN);
    await screen.see('allow every program to reach 203.0.113.7 for ever');
  });

  test('keeps its choices until the keys for it: a, b, digits and q change nothing', async () => {
    const screen = await asked([makeQuestion(7)]);
    screen.press('A', 'a', 'b', 'q', '2', 'n');
    await screen.see('allow curl to reach new-name.example for ever');
    expect(screen.store.getSnapshot().ui).toMatchObject({ view: 'flows', quitting: false });
    expect(screen.answers()).toEqual([]);
  });
});

describe('a held connection', () => {
  test('shows how long it still waits', async () => {
    const flow = makeFlow(700, {
      host: 'new-name.example',
      verdict: VERDICTS.asking,
      effect: 'held',
      state: 'open',
      durationMs: null,
    });
    const screen = await asked([makeQuestion(7, { flows: [700 as FlowId] })], [flow]);
    await screen.see('? HELD');
    expect(screen.frame()).toMatch(/\? HELD .* asks you · 11 s/);
    screen.pass(5_000);
    await screen.until(() => /\? HELD .* asks you · 6 s/.test(screen.frame()));
  });
});

test('NO_COLOR leaves words and signs: a question reads the same with and without colours', async () => {
  const frames: string[] = [];
  for (const theme of [undefined, COLOR]) {
    const engine = new FakeEngine([makeFlow(1)]);
    engine.questions = [makeQuestion(7, { findings: ['registered 3 days ago'], inquiry: 3 })];
    const screen = await openScreen(engine, theme === undefined ? {} : { theme });
    await screen.see('? curl ‹ bash (alice) wants new-name.example:443');
    frames.push(screen.frame());
    closeScreens();
  }
  expect(frames[0]).toBe(frames[1] ?? '');
  expect(frames[0]).toContain('11 s left');
});
