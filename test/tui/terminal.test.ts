import { describe, expect, test } from 'bun:test';
import { join } from 'node:path';
import { within } from '../until.ts';

const PROGRAM = join(import.meta.dir, 'exit-program.tsx');
const WAIT_MS = 15_000;
const FLUSH_MS = 1_000;

interface Ended {
  readonly code: number | null;
  readonly output: string;
  /** The terminal's local modes: line mode, echo, signals. */
  readonly modesBefore: number;
  readonly modesAfter: number;
}

/** The person before the screen. */
interface Person {
  type(keys: string): void;
  see(text: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  closeTerminal(): void;
}

/** Runs the screen on a pseudo terminal, lets the person act once it is drawn, and tells how the terminal was left. */
async function leaveBy(way: string, act: (person: Person) => Promise<void> | void): Promise<Ended> {
  let output = '';
  const decoder = new TextDecoder();
  const data = (_terminal: Bun.Terminal, bytes: Uint8Array) => {
    output += decoder.decode(bytes, { stream: true });
  };
  await using terminal = new Bun.Terminal({ cols: 80, rows: 24, data });
  const modesBefore = terminal.localFlags;
  const env = { ...process.env, TERM: 'xterm-256color', NODE_ENV: 'production' };
  const child = Bun.spawn([process.execPath, PROGRAM, way], { terminal, env });
  const see = async (text: string) => {
    if ((await within(WAIT_MS, () => Bun.stripANSI(output).includes(text))) === null) {
      throw new Error(`never saw ${text}: ${JSON.stringify(output.slice(-500))}`);
    }
  };
  const overdue = setTimeout(() => child.kill('SIGKILL'), WAIT_MS);
  try {
    await see('ENFORCED');
    await act({
      see,
      type: (keys) => terminal.write(keys),
      kill: (signal) => child.kill(signal),
      closeTerminal: () => terminal.close(),
    });
    await child.exited;
    // What the kernel still holds of the output comes after the end of the process.
    const isAllThere = () => ['7h', '1049l'].every((mode) => output.includes(`\u001b[?${mode}`));
    await within(terminal.closed ? 0 : FLUSH_MS, isAllThere);
  } finally {
    clearTimeout(overdue);
    child.kill('SIGKILL');
  }
  return { code: child.exitCode, output, modesBefore, modesAfter: terminal.closed ? 0 : terminal.localFlags };
}

/** Alternate screen, cursor, line wrap, paste marks and line mode, all as they were. */
function expectRestored({ output, modesBefore, modesAfter }: Ended): void {
  const last = (mode: string) => output.lastIndexOf(`\u001b[?${mode}`);
  expect(last('1049l')).toBeGreaterThan(last('1049h'));
  expect(last('25h')).toBeGreaterThan(last('25l'));
  expect(last('7h')).toBeGreaterThan(last('7l'));
  expect(last('2004l')).toBeGreaterThan(last('2004h'));
  expect(modesAfter).toBe(modesBefore);
}

describe('the terminal is given back as it was', () => {
  test('when the person leaves, whose choice is told', async () => {
    const ended = await leaveBy('keys', async ({ type, see }) => {
      type('q');
      await see('Stop the firewall');
      type('s');
    });
    expectRestored(ended);
    expect(ended.output).toContain('left: stop');
  });

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const) {
    test(`on ${signal}, which leaves the firewall running`, async () => {
      const ended = await leaveBy('keys', ({ kill }) => kill(signal));
      expectRestored(ended);
      expect(ended.output).toContain('left: detach');
    });
  }

  for (const [way, what] of [
    ['exception', 'an uncaught exception'],
    ['rejection', 'an unhandled rejection'],
    ['view', 'an exception in a view'],
  ] as const) {
    test(`on ${what}, which the caller gets to see`, async () => {
      const ended = await leaveBy(way, ({ type }) => type('!'));
      expectRestored(ended);
      expect(ended.output).toContain('threw: ');
    });
  }

  test('when something calls process.exit', async () => {
    const ended = await leaveBy('exit', ({ type }) => type('!'));
    expectRestored(ended);
    expect(ended.code).toBe(3);
  });
});

describe('a person who is away is called', () => {
  test('by a desktop notification of a hundred clean characters', async () => {
    const ended = await leaveBy('desktop', async ({ kill, see, type }) => {
      kill('SIGUSR2');
      await see('wants');
      type('qd');
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: OSC 9 is what this looks for
    const [, text = ''] = /\u001b\]9;([^\u0007]*)\u0007/.exec(ended.output) ?? [];
    expect(text).toStartWith('resolagent: evil·]0;title·日本');
    expect([...text]).toHaveLength(100);
    expect(text).toMatch(/^\P{C}*$/u);
    expectRestored(ended);
  });

  test('by a bell and nothing else', async () => {
    const ended = await leaveBy('bell', async ({ kill, see, type }) => {
      kill('SIGUSR2');
      await see('wants');
      type('qd');
    });
    expect(ended.output.split('\u0007')).toHaveLength(2);
    expect(ended.output).not.toContain('\u001b]9;');
  });

  test('not at all where that is off', async () => {
    const ended = await leaveBy('keys', async ({ kill, see, type }) => {
      kill('SIGUSR2');
      await see('wants');
      type('qd');
    });
    expect(ended.output).not.toContain('\u0007');
  });
});

test('the screen ends by itself when its terminal goes away', async () => {
  const ended = await leaveBy('keys', ({ closeTerminal }) => closeTerminal());
  expect(ended.code).toBe(0);
});
