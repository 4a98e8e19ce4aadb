import { afterEach, describe, expect, test } from 'bun:test';
import type { FlowId } from '../../../src/model/brand.ts';
import { LOADING } from '../../../tui/state/loaded.ts';
import type { Snapshot } from '../../../tui/state/snapshot.ts';
import { ScreenStore } from '../../../tui/state/store.ts';
import { healthyStatus } from '../fake-engine.ts';
import { blockedFlow, makeFlow, START_MS } from '../feed/make-flow.ts';

const open: ScreenStore[] = [];
let now = START_MS;

function newStore(ringMax?: number): ScreenStore {
  const store = new ScreenStore({ clock: () => now, ...(ringMax === undefined ? {} : { ringMax }) });
  open.push(store);
  return store;
}

/** The next picture that the store publishes by itself. */
function published(store: ScreenStore): Promise<Snapshot> {
  return new Promise((resolve) => {
    const stop = store.subscribe(() => {
      stop();
      resolve(store.getSnapshot());
    });
  });
}

const draw = (store: ScreenStore) => store.act({ type: 'toast', toast: null });
const choose = (store: ScreenStore, id: number, line = 0) =>
  store.act({ type: 'choose', view: 'flows', choice: { id, line } });
const shownIds = (store: ScreenStore) => store.getSnapshot().flows.map((flow) => Number(flow.id));

afterEach(() => {
  for (const store of open.splice(0)) store.close();
  now = START_MS;
});

describe('publishing', () => {
  test('gathers what arrives into one picture, and draws what a key did at once', async () => {
    const store = newStore();
    let pictures = 0;
    store.subscribe(() => pictures++);
    for (let id = 1; id <= 50; id++) store.addFlows([makeFlow(id)], 0);
    expect(pictures).toBe(0);
    expect((await published(store)).flows).toHaveLength(50);
    expect(pictures).toBe(1);
    store.act({ type: 'toggle_help' });
    expect(pictures).toBe(2);
    expect(store.getSnapshot().ui.help).toBe(true);
  });

  test('gives the same picture until the next one', () => {
    const store = newStore();
    expect(store.getSnapshot()).toBe(store.getSnapshot());
  });

  test('tells nobody any more once it is closed', async () => {
    const store = newStore();
    let pictures = 0;
    store.subscribe(() => pictures++);
    store.addFlows([makeFlow(1)], 0);
    store.close();
    const other = newStore();
    other.addFlows([makeFlow(1)], 0);
    await published(other);
    expect(pictures).toBe(0);
  });
});

describe('the chosen row', () => {
  test('is the newest while nothing was chosen', () => {
    const store = newStore();
    store.addFlows([makeFlow(1), makeFlow(2)], 0);
    draw(store);
    expect(store.getSnapshot().chosen?.id).toBe(2 as FlowId);
    store.addFlows([makeFlow(3)], 0);
    draw(store);
    expect(store.getSnapshot().chosen?.id).toBe(3 as FlowId);
  });

  test('stays on its flow while rows arrive', () => {
    const store = newStore();
    store.addFlows([makeFlow(1), makeFlow(2)], 0);
    choose(store, 2);
    store.addFlows([makeFlow(3), makeFlow(4)], 0);
    draw(store);
    expect(store.getSnapshot()).toMatchObject({ chosen: { id: 2 }, chosenIndex: 2 });
  });

  test('goes to the nearest row when its own was dropped or filtered away', () => {
    const store = newStore(3);
    store.addFlows([makeFlow(1), makeFlow(2), makeFlow(3)], 0);
    choose(store, 1);
    store.addFlows([makeFlow(4)], 0);
    draw(store);
    expect(store.getSnapshot()).toMatchObject({ chosen: { id: 2 }, chosenIndex: 2 });
  });

  test('is none while there is no row', () => {
    expect(newStore().getSnapshot().chosen).toBeNull();
  });

  test('remembers since when the newest row has been the newest', () => {
    const store = newStore();
    store.addFlows([makeFlow(1)], 0);
    draw(store);
    now += 5_000;
    draw(store);
    expect(store.getSnapshot().headSince).toBe(START_MS);
    store.addFlows([makeFlow(2)], 0);
    draw(store);
    expect(store.getSnapshot().headSince).toBe(START_MS + 5_000);
  });
});

describe('freezing', () => {
  test('holds the picture, counts what came meanwhile, and loses nothing', () => {
    const store = newStore();
    store.addFlows([makeFlow(1), makeFlow(2)], 0);
    store.act({ type: 'toggle_freeze' });
    store.addFlows([makeFlow(3), blockedFlow(2), makeFlow(4)], 0);
    draw(store);
    expect(shownIds(store)).toEqual([2, 1]);
    expect(store.getSnapshot().flows[0]?.effect).toBe('forward');
    expect(store.getSnapshot().newer).toBe(2);
    store.act({ type: 'toggle_freeze' });
    expect(shownIds(store)).toEqual([4, 3, 2, 1]);
    expect(store.getSnapshot().newer).toBe(0);
  });

  test('holds it against the bound of the ring too', () => {
    const store = newStore(2);
    store.addFlows([makeFlow(1), makeFlow(2)], 0);
    store.act({ type: 'toggle_freeze' });
    store.addFlows([makeFlow(3), makeFlow(4), makeFlow(5)], 0);
    draw(store);
    expect(shownIds(store)).toEqual([2, 1]);
  });
});

describe('the filter', () => {
  const type = (store: ScreenStore, text: string, error: string | null = null) =>
    store.act({ type: 'typed', text, caret: text.length, error });

  test('shows what matches, of old rows and new', () => {
    const store = newStore();
    store.addFlows([makeFlow(1), blockedFlow(2)], 0);
    store.act({ type: 'edit_filter' });
    type(store, 'verdict:block');
    store.addFlows([makeFlow(3), blockedFlow(4)], 0);
    draw(store);
    expect(shownIds(store)).toEqual([4, 2]);
    expect(store.getSnapshot().total).toBe(4);
  });

  test('looks again at a flow whose state changed', () => {
    const store = newStore();
    store.addFlows([makeFlow(1)], 0);
    store.act({ type: 'edit_filter' });
    type(store, 'verdict:block');
    draw(store);
    expect(shownIds(store)).toEqual([]);
    store.addFlows([blockedFlow(1)], 0);
    draw(store);
    expect(shownIds(store)).toEqual([1]);
  });

  test('leaves in force what was before while the text is none', () => {
    const store = newStore();
    store.addFlows([makeFlow(1), blockedFlow(2)], 0);
    store.act({ type: 'edit_filter' });
    type(store, 'verdict:block');
    store.act({ type: 'keep_filter' });
    store.act({ type: 'edit_filter' });
    type(store, 'verdict:allow');
    expect(shownIds(store)).toEqual([1]);
    type(store, 'verdict:allo', 'no such verdict');
    expect(shownIds(store)).toEqual([2]);
    expect(store.getSnapshot().ui.edit?.error).toBe('no such verdict');
    store.act({ type: 'keep_filter' });
    expect(store.getSnapshot().ui.edit).not.toBeNull();
  });

  test('gives Esc what was in force before the typing', () => {
    const store = newStore();
    store.addFlows([makeFlow(1), blockedFlow(2)], 0);
    store.act({ type: 'edit_filter' });
    type(store, 'verdict:block');
    store.act({ type: 'back' });
    expect(store.getSnapshot().ui).toMatchObject({ filter: '', edit: null });
    expect(shownIds(store)).toEqual([2, 1]);
  });
});

describe('what the engine tells', () => {
  test('adds up the updates that were missed', () => {
    const store = newStore();
    store.addFlows([], 3);
    store.addFlows([], 4);
    draw(store);
    expect(store.getSnapshot().missed).toBe(7);
  });

  test('makes explanations stale when the number of rules changed', () => {
    const store = newStore();
    store.setStatus(healthyStatus({ rules: 1 }));
    store.setStatus(healthyStatus({ rules: 1 }));
    expect(store.getSnapshot().rulesRevision).toBe(0);
    store.setStatus(healthyStatus({ rules: 2 }));
    expect(store.getSnapshot().rulesRevision).toBe(1);
  });

  test('stops the clock of the picture when the engine is gone', () => {
    const store = newStore();
    store.setLink('stopping');
    store.setLink('gone');
    now += 60_000;
    draw(store);
    expect(store.getSnapshot().now).toBe(START_MS);
    expect(store.getSnapshot().link).toEqual({ state: 'gone', at: START_MS, announced: true });
  });

  test('keeps a bounded number of explanations, the latest', () => {
    const store = newStore();
    for (let id = 0; id < 200; id++) store.setExplained(`${id}`, LOADING);
    const keys = [...store.getSnapshot().explained.keys()];
    expect(keys).toHaveLength(64);
    expect(keys.at(-1)).toBe('199');
  });

  test('takes an answer off the screen after some seconds', () => {
    const store = newStore();
    store.say('blocked example.com', 'strong');
    now += 4_000;
    store.setRules({ value: [] });
    expect(store.getSnapshot().ui.toast?.text).toBe('blocked example.com');
    now += 60_000;
    store.setRules({ value: [] });
    expect(store.getSnapshot().ui.toast).toBeNull();
  });
});

describe('Esc', () => {
  test('takes back one thing at a time, the latest laid over the screen first', () => {
    const store = newStore();
    store.addFlows([makeFlow(1), makeFlow(2)], 0);
    store.act({ type: 'edit_filter' });
    store.act({ type: 'typed', text: 'example', caret: 7, error: null });
    store.act({ type: 'keep_filter' });
    store.act({ type: 'toggle_freeze' });
    choose(store, 2);
    store.act({ type: 'open_breakdown' });
    store.act({ type: 'toggle_help' });
    store.act({ type: 'ask_quit' });
    const seen = [];
    for (let press = 0; press < 6; press++) {
      store.act({ type: 'back' });
      const { quitting, help, breakdown, choices, frozen, filter } = store.getSnapshot().ui;
      const isChosen = choices.flows !== undefined;
      seen.push([quitting, help, breakdown, isChosen, frozen, filter !== ''].filter(Boolean).length);
    }
    expect(seen).toEqual([5, 4, 3, 2, 1, 0]);
  });
});
