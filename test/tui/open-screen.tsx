import { cleanup, render } from 'ink-testing-library';
import { App } from '../../tui/app.tsx';
import { Controller, type ScreenExit } from '../../tui/control/controller.ts';
import type { Notify } from '../../tui/control/presence.ts';
import type { Theme } from '../../tui/draw/theme.ts';
import { ScreenStore } from '../../tui/state/store.ts';
import { within } from '../until.ts';
import type { FakeEngine } from './fake-engine.ts';
import { START_MS } from './feed/make-flow.ts';
import { PLAIN } from './picture.tsx';

const WAIT_MS = 3_000;
/** What a test finds on screen has stood there long enough to be aimed at. */
const SETTLED_MS = 10_000;

const stores: ScreenStore[] = [];

interface Size {
  /** ink-testing-library has 100. */
  readonly rows?: number;
  readonly theme?: Theme;
}

/** The real screen over a small engine; `see` waits for a text on the screen, `pass` moves its clock. */
export async function openScreen(engine: FakeEngine, { rows = 24, theme = PLAIN }: Size = {}) {
  let now = START_MS + 60_000;
  const store = new ScreenStore({ clock: () => now });
  stores.push(store);
  const left = Promise.withResolvers<ScreenExit>();
  const calls: Parameters<Notify>[] = [];
  const notify: Notify = (...args) => void calls.push(args);
  const controller = new Controller({ client: engine, store, leave: left.resolve, notify });
  const ink = render(<App controller={controller} theme={theme} />);
  Object.defineProperty(ink.stdout, 'rows', { value: rows });
  ink.stdout.emit('resize');
  await controller.start();
  const wait = async (what: string, holds: () => boolean) => {
    if ((await within(WAIT_MS, holds)) === null)
      throw new Error(`never came to: ${what}\n${ink.lastFrame()}`);
  };
  const frame = () => Bun.stripANSI(ink.lastFrame() ?? '');
  await wait('attached', () => store.getSnapshot().link.state === 'live');
  now += SETTLED_MS;
  store.act({ type: 'toast', toast: null });
  return {
    engine,
    store,
    left: left.promise,
    /** How and with what a person was called. */
    calls,
    frame,
    now: () => now,
    pass: (ms: number) => {
      now += ms;
      store.setStatus(engine.status);
    },
    press: (...keys: string[]) => {
      for (const key of keys) ink.stdin.write(key);
    },
    until: (holds: () => boolean) => wait('hold', holds),
    see: (text: string) => wait(`see ${text}`, () => frame().includes(text)),
    seeNot: (text: string) => wait(`not see ${text}`, () => !frame().includes(text)),
    rowOf: (text: string) =>
      frame()
        .split('\n')
        .findIndex((line) => line.includes(text)),
  };
}

/** Ends all screens that a test opened. */
export function closeScreens(): void {
  cleanup();
  for (const store of stores.splice(0)) store.close();
}
