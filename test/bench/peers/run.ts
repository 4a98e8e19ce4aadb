/** A program that does not end by itself is killed after so long. */
const LIMIT_MS = 30_000;

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** The environment of every program that is started here. */
export const ENV = { PATH, HOME: '/nonexistent', LC_ALL: 'C.UTF-8' };

/** Runs a program that must succeed and returns what it printed; throws with its own words when it does not. */
export async function must(command: readonly string[], stdin = ''): Promise<string> {
  const child = Bun.spawn([...command], {
    stdin: new Blob([stdin]),
    stdout: 'pipe',
    stderr: 'pipe',
    env: ENV,
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  const [stdout, stderr] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (child.exitCode === 0) return stdout;
  const why = stderr.trim() || stdout.trim() || (child.signalCode ?? `exit code ${child.exitCode}`);
  throw new Error(`${command.join(' ')}: ${why}`);
}

/** A running program that is read line by line. */
export class Running {
  readonly #child: Bun.Subprocess<'pipe', 'pipe', 'pipe'>;
  readonly #lines: AsyncGenerator<string>;
  #errors = '';

  /** Starts it inside a network namespace, or here when that is null. */
  constructor(namespace: string | null, command: readonly string[]) {
    const inside = namespace === null ? [] : ['ip', 'netns', 'exec', namespace];
    this.#child = Bun.spawn([...inside, ...command], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
      env: ENV,
    });
    this.#lines = linesOf(this.#child.stdout);
    void this.#keepErrors();
  }

  /** `ip netns exec` becomes the program it starts, so this is the program's own. */
  get pid(): number {
    return this.#child.pid;
  }

  get ended(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** What it said on standard error, its last part. */
  get errors(): string {
    return this.#errors;
  }

  /** The next line of its standard output; throws when there is none. */
  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done !== true) return value;
    await this.#child.exited;
    throw new Error(`a program ended early: ${this.#errors.trim() || `exit code ${this.#child.exitCode}`}`);
  }

  /** Ends its input, which for some is the sign to end. */
  async closeInput(): Promise<void> {
    await this.#child.stdin.end();
  }

  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    const late = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#child.exited;
    clearTimeout(late);
  }

  async #keepErrors(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stderr) {
      this.#errors = (this.#errors + decoder.decode(chunk, { stream: true })).slice(-4_000);
    }
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
