import { afterEach, describe, expect, test } from 'bun:test';
import type { Status } from '../../../src/schema/status.ts';
import { FakeEngine, healthyStatus } from '../fake-engine.ts';
import { makeFlow } from '../feed/make-flow.ts';
import { closeScreens, openScreen } from '../open-screen.tsx';
import { makeQuestion } from '../question/make-question.ts';

const AWAY_MS = 10_000;

afterEach(closeScreens);

async function attached(notify: Status['notify'] = 'bell') {
  const engine = new FakeEngine([makeFlow(1)], healthyStatus({ notify }));
  const screen = await openScreen(engine);
  return {
    ...screen,
    presents: () => engine.asked.filter(({ method }) => method === 'present').length,
    /** Nobody touched a key for `ms`, and the screen was drawn since. */
    rest: async (ms: number) => {
      const until = screen.now() + ms;
      screen.pass(ms);
      await screen.until(() => screen.store.getSnapshot().now === until);
    },
  };
}

describe('who is at the keys', () => {
  test('is told to the engine by any key, at most once a second', async () => {
    const screen = await attached();
    expect(screen.presents()).toBe(0);
    screen.press('z', 'z', '?', '?');
    await screen.until(() => screen.presents() === 1);
    await screen.rest(999);
    screen.press('z');
    expect(screen.presents()).toBe(1);
    await screen.rest(1);
    screen.press('z', 'z');
    await screen.until(() => screen.presents() === 2);
  });

  test('is not told to an engine that is gone', async () => {
    const screen = await attached();
    screen.engine.die();
    await screen.see('ENGINE GONE');
    screen.press('z');
    expect(screen.presents()).toBe(0);
  });

  test('is told by a paste too', async () => {
    const screen = await attached();
    screen.press('/');
    await screen.rest(AWAY_MS);
    screen.press('\u001b[200~host\u001b[201~');
    await screen.until(() => screen.presents() === 2);
  });
});

describe('an empty chair', () => {
  const PAUSED = 'Esc asks you again';
  const asking = (screen: { now: () => number }, id: number) => {
    const since = screen.now();
    return makeQuestion(id, { since, deadline: since + 15_000 });
  };

  test('is told when a question ran out with no key pressed meanwhile, until one is', async () => {
    const screen = await attached();
    await screen.rest(1_000);
    screen.engine.emitQuestions([asking(screen, 1)]);
    await screen.see('wants');
    await screen.rest(15_000);
    screen.engine.emitQuestions([]);
    await screen.see(PAUSED);
    screen.press('z');
    await screen.seeNot(PAUSED);
  });

  test('is not told where somebody pressed a key meanwhile, or the question was settled', async () => {
    const screen = await attached();
    await screen.rest(1_000);
    screen.engine.emitQuestions([asking(screen, 1)]);
    await screen.see('wants');
    screen.press('z');
    await screen.rest(15_000);
    screen.engine.emitQuestions([asking(screen, 2)]);
    await screen.see('15 s left');
    await screen.rest(5_000);
    screen.engine.emitQuestions([]);
    await screen.seeNot('wants');
    expect(screen.frame()).not.toContain(PAUSED);
  });

  test('is over when something is asked again, for somebody is at another screen', async () => {
    const screen = await attached();
    await screen.rest(1_000);
    screen.engine.emitQuestions([asking(screen, 1)]);
    await screen.see('wants');
    await screen.rest(15_000);
    screen.engine.emitQuestions([]);
    await screen.see(PAUSED);
    screen.engine.emitQuestions([asking(screen, 2)]);
    await screen.seeNot(PAUSED);
  });
});

describe('the call', () => {
  test('comes when something is asked and nobody pressed a key for ten seconds', async () => {
    const screen = await attached('desktop');
    await screen.rest(AWAY_MS);
    screen.engine.emitQuestions([makeQuestion(1)]);
    await screen.see('wants');
    expect(screen.calls).toEqual([['desktop', 'curl wants new-name.example:443']]);
  });

  test('does not come while a person is there, for what that person saw, or where it is off', async () => {
    const screen = await attached();
    screen.press('z');
    screen.engine.emitQuestions([makeQuestion(1)]);
    await screen.see('wants');
    screen.press('z');
    await screen.rest(AWAY_MS);
    expect(screen.calls).toEqual([]);
    const quiet = await attached('never');
    await quiet.rest(AWAY_MS);
    quiet.engine.emitQuestions([makeQuestion(1)]);
    await quiet.see('wants');
    expect(quiet.calls).toEqual([]);
  });

  test('comes later for a question that nobody came for', async () => {
    const screen = await attached();
    screen.press('z');
    screen.engine.emitQuestions([makeQuestion(1)]);
    await screen.see('wants');
    expect(screen.calls).toEqual([]);
    await screen.rest(AWAY_MS);
    expect(screen.calls).toHaveLength(1);
  });

  test('comes once for a question, and at most once in ten seconds for all', async () => {
    const screen = await attached();
    await screen.rest(AWAY_MS);
    screen.engine.emitQuestions([makeQuestion(1)]);
    await screen.see('wants');
    screen.engine.emitQuestions([makeQuestion(1), makeQuestion(2, { host: 'second.example' })]);
    await screen.see('1 more');
    await screen.rest(9_999);
    expect(screen.calls).toHaveLength(1);
    await screen.rest(1);
    expect(screen.calls).toEqual([
      ['bell', 'curl wants new-name.example:443'],
      ['bell', 'curl wants second.example:443'],
    ]);
    await screen.rest(60_000);
    expect(screen.calls).toHaveLength(2);
  });
});
