import { render } from 'ink';
import { App } from './app.tsx';
import type { ScreenClient } from './control/client.ts';
import { Controller, type ScreenExit } from './control/controller.ts';
import { themeOf } from './draw/theme.ts';
import { ScreenStore } from './state/store.ts';
import { acquireTerminal, type Terminal } from './terminal.ts';

/** What the screen takes from the process it runs in. */
interface ScreenOptions {
  readonly client: ScreenClient;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Terminal;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** How Ink draws here, but for the streams. */
export const INK_OPTIONS = {
  alternateScreen: true,
  incrementalRendering: true,
  maxFps: 30,
  patchConsole: false,
  exitOnCtrlC: false,
} as const;

/**
 * Draws the live screen until the person leaves; tells whether to stop the firewall, leave it running, or that the engine
 * went away. Only on a terminal that can move its cursor. A signal or a terminal that closes counts as leaving the engine
 * running. Throws what nobody caught in this process meanwhile. The terminal is restored first in every case.
 */
export async function runScreen({
  client,
  env,
  stdin,
  stdout,
  clock = Date.now,
}: ScreenOptions): Promise<ScreenExit> {
  const store = new ScreenStore({ clock });
  const left = Promise.withResolvers<ScreenExit>();
  const terminal = acquireTerminal(stdin, stdout, {
    hungUp: () => left.resolve('detach'),
    failed: left.reject,
  });
  const controller = new Controller({ client, store, leave: left.resolve, notify: terminal.notify });
  const ink = render(<App controller={controller} theme={themeOf(env)} />, {
    stdin,
    stdout,
    ...INK_OPTIONS,
    // Ink takes CI=1 for "no terminal", even on one.
    interactive: stdout.isTTY,
  });
  try {
    void controller.start();
    // Ink's own promise rejects when a view throws.
    return await Promise.race([left.promise, ink.waitUntilExit().then((): ScreenExit => 'detach')]);
  } finally {
    store.close();
    ink.unmount();
    await ink.waitUntilExit().catch(() => undefined);
    terminal.release();
  }
}
