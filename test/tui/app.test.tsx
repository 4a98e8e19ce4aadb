import { afterEach, describe, expect, test } from 'bun:test';
import { Controller } from '../../tui/control/controller.ts';
import { ScreenStore } from '../../tui/state/store.ts';
import { FakeEngine, healthyStatus, listReport } from './fake-engine.ts';
import { blockedFlow, makeFlow, START_MS } from './feed/make-flow.ts';
import { closeScreens, openScreen } from './open-screen.tsx';

const UP = '\u001b[A';
const DOWN = '\u001b[B';
const PAGE_DOWN = '\u001b[6~';
const END = '\u001b[F';
const ESC = '\u001b';
const ENTER = '\r';
afterEach(closeScreens);

const flows = (count: number) =>
  Array.from({ length: count }, (_, at) => makeFlow(at + 1, { host: `h${at + 1}.example` }));

describe('allow and block', () => {
  test('b blocks the name for everyone, and says what was reset', async () => {
    const openOnes = [1, 2, 3].map((id) => makeFlow(id, { state: 'open', durationMs: null }));
    const screen = await openScreen(new FakeEngine(openOnes));
    screen.press('b');
    await screen.see('blocked www.example.com for everyone · 3 open connections reset · u undoes');
    expect(screen.engine.rules).toMatchObject([
      { action: 'block', host: 'www.example.com', port: null, app: null, user: null, until: null },
    ]);
  });

  test('a after b replaces it, and u takes back one after the other', async () => {
    const screen = await openScreen(new FakeEngine(flows(1)));
    screen.press('b');
    await screen.see('blocked h1.example');
    screen.press('a');
    await screen.see('allowed h1.example for everyone');
    expect(screen.engine.rules.map((rule) => rule.action)).toEqual(['allow']);
    screen.press('u');
    await screen.see('allow h1.example taken back · block h1.example in force again');
    screen.press('u');
    await screen.see('block h1.example taken back');
    expect(screen.engine.rules).toEqual([]);
    screen.press('u');
    await screen.see('not done: undo: nothing to undo');
  });

  test('a bare address is what the rule is about where there is no name', async () => {
    const screen = await openScreen(new FakeEngine([makeFlow(1, { host: null })]));
    screen.press('b');
    await screen.see('blocked 203.0.113.7 for everyone');
  });

  test('says honestly that a rule could not be saved', async () => {
    const screen = await openScreen(new FakeEngine(flows(1)));
    screen.engine.ledgerFails = true;
    screen.press('b');
    await screen.see('NOT SAVED, in force until the engine stops: blocked h1.example');
  });

  test('shows why the engine refused', async () => {
    const screen = await openScreen(new FakeEngine(flows(1)));
    screen.engine.refusal = 'host: not a name';
    screen.press('a');
    await screen.see('not done: allow h1.example: host: not a name');
  });

  test('asks again when the newest row came this moment, and then hits the row that was named', async () => {
    const screen = await openScreen(new FakeEngine(flows(2)));
    screen.engine.emit([makeFlow(3, { host: 'sudden.example' })]);
    await screen.see('sudden.example');
    screen.press('b');
    await screen.see('sudden.example came this moment: b again to block it');
    expect(screen.engine.rules).toEqual([]);
    screen.engine.emit([makeFlow(4, { host: 'later.example' })]);
    await screen.see('later.example');
    screen.press('b');
    await screen.see('blocked sudden.example');
  });

  test('does nothing but say so while there is no connection', async () => {
    const screen = await openScreen(new FakeEngine());
    screen.press('b');
    await screen.see('nothing to block');
    expect(screen.engine.rules).toEqual([]);
  });
});

describe('moving', () => {
  test('the chosen row keeps its flow and its place while rows arrive', async () => {
    const screen = await openScreen(new FakeEngine(flows(40)));
    screen.press(DOWN, DOWN, DOWN);
    await screen.see('row 4 of 40');
    const before = screen.rowOf('h37.example');
    screen.engine.emit(flows(60).slice(40));
    await screen.see('row 24 of 60');
    expect(screen.rowOf('h37.example')).toBe(before);
    screen.press('b');
    await screen.see('blocked h37.example');
  });

  test('End goes to the oldest, PgDn a page on, g back to the newest and follows it', async () => {
    const screen = await openScreen(new FakeEngine(flows(90)));
    screen.press(PAGE_DOWN);
    await screen.see('row 19 of 90');
    screen.press(END);
    await screen.see('row 90 of 90');
    await screen.see('h1.example ');
    screen.press(UP);
    await screen.see('row 89 of 90');
    screen.press('g');
    await screen.see('following the newest');
  });
});

describe('the breakdown', () => {
  test('opens in place with Enter, follows the arrows, and closes with Esc', async () => {
    const screen = await openScreen(
      new FakeEngine([makeFlow(1, { host: 'h1.example' }), blockedFlow(2, 'h2.example')]),
    );
    screen.press(ENTER);
    await screen.see('DECIDED BLOCK');
    await screen.see('ads.example.com is listed for ads');
    expect(screen.frame()).toContain('Example · cdn');
    expect(screen.frame()).toContain('h1.example');
    screen.press(DOWN);
    await screen.see('DECIDED ALLOW');
    screen.press(ESC);
    await screen.seeNot('DECIDED');
  });

  test('scrolls to its end and back', async () => {
    const screen = await openScreen(new FakeEngine(flows(1)));
    screen.press(ENTER);
    await screen.see('more ↓');
    screen.press(PAGE_DOWN, PAGE_DOWN, PAGE_DOWN, PAGE_DOWN);
    await screen.see('mode enforce');
    screen.press('\u001b[5~', '\u001b[5~', '\u001b[5~', '\u001b[5~');
    await screen.see('allowed: allowlist');
  });

  test('is asked for anew when rules changed', async () => {
    const screen = await openScreen(new FakeEngine(flows(1)));
    screen.press(ENTER);
    await screen.see('DECIDED');
    screen.press('b');
    await screen.see('blocked h1.example');
    await screen.until(() => screen.engine.asked.filter((one) => one.method === 'explainFlow').length > 1);
    await screen.see('DECIDED');
  });
});

describe('the filter', () => {
  test('shows what matches while it is typed, keeps it with Enter, and Esc clears it', async () => {
    const screen = await openScreen(new FakeEngine(flows(30)));
    screen.press('/', ...'host:h7.example');
    await screen.see('1 of 30');
    await screen.seeNot('h29.example');
    screen.press(ENTER);
    await screen.see('filter host:h7.example');
    screen.press(ESC);
    await screen.see('h29.example');
  });

  test('shows what is wrong under the text, and leaves the list alone', async () => {
    const screen = await openScreen(new FakeEngine(flows(3)));
    screen.press('/', ...'nokey:x');
    await screen.see('no such key');
    expect(screen.frame()).toContain('h3.example');
    expect(screen.frame()).toContain('/ nokey:x');
  });

  test('is edited like any line', async () => {
    const screen = await openScreen(new FakeEngine(flows(3)));
    screen.press(
      '/',
      ...'one twX',
      '\u007f',
      'o',
      '\u0017',
      ...'three',
      '\u001b[D',
      '\u001b[D',
      'Y',
      '\u0001',
      'Z',
    );
    await screen.see('/ Zone thrYee');
    screen.press('\u0005', '!', '\u0015');
    await screen.see('3 of 3');
  });

  test('takes a paste as text, and nowhere else is a paste a key', async () => {
    const screen = await openScreen(new FakeEngine(flows(3)));
    screen.press('\u001b[200~bbb\u001b[201~');
    screen.press('/');
    screen.press('\u001b[200~host:\nh2\u001b[201~');
    await screen.see('/ host:h2');
    expect(screen.engine.rules).toEqual([]);
  });

  test('reads a whole line that a script typed at once', async () => {
    const screen = await openScreen(new FakeEngine(flows(30)));
    screen.press('/host:h7.example\r');
    await screen.see('filter host:h7.example');
  });
});

describe('freezing', () => {
  test('space holds the picture and counts what comes; space again goes on', async () => {
    const screen = await openScreen(new FakeEngine(flows(3)));
    screen.press(' ');
    await screen.see('FROZEN · +0 new');
    screen.engine.emit([makeFlow(4, { host: 'h4.example' })]);
    await screen.see('FROZEN · +1 new');
    expect(screen.frame()).not.toContain('h4.example');
    screen.press(' ');
    await screen.see('h4.example');
  });
});

describe('views', () => {
  test('Tab shows the rules, x removes the chosen one, u brings it back', async () => {
    const screen = await openScreen(new FakeEngine(flows(2)));
    screen.press('b');
    await screen.see('blocked h2.example');
    screen.press('\t');
    await screen.see('✗ BLOCK h2.example');
    screen.press('x');
    await screen.see('removed block h2.example');
    await screen.see('No rules yet');
    screen.press('u');
    await screen.see('✗ BLOCK h2.example');
    screen.press('1');
    await screen.see('h1.example');
  });

  test('? lists the keys and scrolls; any of Esc, ? and q closes it', async () => {
    const screen = await openScreen(new FakeEngine(flows(2)));
    screen.press('?');
    await screen.see('allow this name for everyone');
    screen.press(PAGE_DOWN, PAGE_DOWN);
    await screen.see('cut by a guard');
    screen.press('q');
    await screen.see('h1.example');
    expect(screen.store.getSnapshot().ui.quitting).toBe(false);
  });
});

describe('the lists', () => {
  const LISTS = [
    listReport({ name: 'built-in ads' }),
    listReport({ name: 'urlhaus', category: 'malware', at: null, url: 'https://feeds.example/' }),
    listReport({ name: 'built-in social', category: 'social', on: false }),
  ];

  test('3 shows them, space switches the chosen one, and says so', async () => {
    const screen = await openScreen(new FakeEngine(flows(1), healthyStatus({ lists: LISTS })));
    screen.press('3');
    await screen.see('› ✓ on  built-in ads');
    screen.press(' ');
    await screen.see('› ✗ off built-in ads');
    await screen.see('built-in ads is off');
    screen.press(END, 'x');
    await screen.see('› ✓ on  built-in social');
    await screen.see('built-in social is on · 2 open connections reset');
    screen.press(UP, ' ');
    await screen.see('✗ off urlhaus');
    screen.press(' ');
    await screen.see('urlhaus is on · its content comes with the next update');
    screen.press('1');
    await screen.see('h1.example');
  });

  test('U updates them and says in the strip what failed', async () => {
    const screen = await openScreen(new FakeEngine(flows(1), healthyStatus({ lists: LISTS })));
    const result = { name: 'urlhaus', entries: 0, added: 0, removed: 0 };
    screen.engine.listUpdates = [{ ...result, outcome: 'failed', error: 'no route to the source' }];
    screen.press('3', 'U');
    await screen.see('urlhaus failed: no route to the source');
    expect(screen.engine.asked.at(-1)).toEqual({ method: 'lists.update', params: {} });
    expect(screen.store.getSnapshot().listProgress).toBeNull();
  });

  test('show why the engine refused', async () => {
    const screen = await openScreen(new FakeEngine(flows(1), healthyStatus({ lists: LISTS })));
    screen.press('3');
    await screen.see('built-in ads');
    screen.engine.refusal = 'the state folder cannot be written';
    screen.press(' ');
    await screen.see('not done: switch built-in ads: the state folder cannot be written');
  });
});

describe('leaving', () => {
  test('q asks, Esc stays, s stops', async () => {
    const screen = await openScreen(new FakeEngine(flows(1)));
    screen.press('q');
    await screen.see('Stop the firewall');
    expect(screen.frame()).toContain('h1.example');
    screen.press(ESC);
    await screen.seeNot('Stop the firewall');
    screen.press('q');
    await screen.see('Stop the firewall');
    screen.press('s');
    expect(await screen.left).toBe('stop');
  });

  test('d leaves the firewall running', async () => {
    const screen = await openScreen(new FakeEngine(flows(1)));
    screen.press('q', 'd');
    expect(await screen.left).toBe('detach');
  });

  test('Ctrl-C asks as q does, and pressed again gets out with the firewall running', async () => {
    const screen = await openScreen(new FakeEngine(flows(1)));
    screen.press('\u0003');
    await screen.see('Stop the firewall');
    screen.press('\u0003');
    expect(await screen.left).toBe('detach');
  });

  test('q leaves at once when the engine is gone, whose last picture stayed', async () => {
    const screen = await openScreen(new FakeEngine(flows(1)));
    screen.engine.die();
    await screen.see('ENGINE GONE');
    expect(screen.frame()).toContain('h1.example');
    screen.press('b');
    await screen.see('not done: block h1.example: the engine is gone');
    screen.press('q');
    expect(await screen.left).toBe('engine_gone');
  });
});

describe('attaching', () => {
  test('says why the engine did not let it', async () => {
    const engine = new FakeEngine();
    engine.refusal = 'not permitted';
    const store = new ScreenStore({ clock: () => START_MS });
    const controller = new Controller({ client: engine, store, leave: () => {} });
    await controller.start();
    expect(store.getSnapshot().link.state).toBe('gone');
    expect(store.getSnapshot().ui.toast?.text).toContain('not permitted');
    store.close();
  });
});
