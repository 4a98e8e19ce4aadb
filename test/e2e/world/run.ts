/** Everything in these tests that is not told otherwise is killed after so long. */
const DEFAULT_LIMIT_MS = 20_000;

/** Where the tools of Debian are; the PATH of whoever runs the tests may name others. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of every program the tests start: nothing of the caller's but this. */
export const ENV = { PATH, HOME: '/nonexistent', LC_ALL: 'C.UTF-8', TERM: 'xterm-256color' };

/** How a program ended. `code` is null when a signal ended it. */
export interface Ran {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly tookMs: number;
}

export interface RunOptions {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly limitMs?: number;
}

/** Runs a program to its end and keeps what it said. Does not throw when it fails. */
export async function run(command: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const started = performance.now();
  const child = Bun.spawn([...command], {
    stdin: options.stdin === undefined ? 'ignore' : new Blob([options.stdin]),
    stdout: 'pipe',
    stderr: 'pipe',
    env: { ...ENV, ...options.env },
    // A group of its own: a shell's children must not outlive their limit.
    detached: true,
  });
  const limit = setTimeout(() => process.kill(-child.pid, 'SIGKILL'), options.limitMs ?? DEFAULT_LIMIT_MS);
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  clearTimeout(limit);
  return {
    code: child.exitCode,
    signal: child.signalCode,
    stdout,
    stderr,
    tookMs: performance.now() - started,
  };
}

/** Runs a program that must succeed; throws with its own words when it does not. */
export async function must(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const ran = await run(command, options);
  if (ran.code === 0) return ran.stdout;
  throw new Error(
    `${command.join(' ')}: ${ran.signal ?? `exit code ${ran.code}`}: ${ran.stderr.trim() || ran.stdout.trim()}`,
  );
}
