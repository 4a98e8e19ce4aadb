import type { FileSink, Subprocess } from 'bun';
import { WATCHDOG_READY } from './watchdog.ts';

const READY_TIMEOUT_MS = 5_000;
const LEAVE_TIMEOUT_MS = 2_000;
const BEAT_MS = 500;
const BEAT = 'beat\n';
const ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

type WatchdogChild = Subprocess<'pipe', 'pipe', 'inherit'>;

/** The watchdog, seen from the engine: it holds the write end of the pipe that the kernel closes when this process dies. */
export class WatchdogProcess {
  #leaving = false;
  #dead = false;
  /** What was said and is not in the pipe yet. */
  #unsent = false;
  #beating: ReturnType<typeof setInterval> | null = null;
  #onDeath: (() => void) | null = null;

  private constructor(
    private readonly child: WatchdogChild,
    private readonly lives: () => boolean,
    private readonly beatMs: number,
  ) {
    void child.exited.then(() => {
      this.#dead = true;
      this.#stopBeating();
      if (!this.#leaving) this.#onDeath?.();
    });
  }

  /**
   * Starts `command` (absolute program and arguments, this binary with `__watchdog`) in a session of its own, so that what ends
   * our process group does not end it. It is told that this process lives only while `lives` says that its threads do, which is asked
   * every half second. Throws when it does not report for duty.
   */
  static async start(
    command: readonly string[],
    lives: () => boolean,
    beatMs: number = BEAT_MS,
  ): Promise<WatchdogProcess> {
    const child = Bun.spawn([...command], {
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'inherit',
      env: ENV,
      cwd: '/',
      detached: true,
    });
    if (await reportsReady(child)) return new WatchdogProcess(child, lives, beatMs);
    child.kill('SIGKILL');
    throw new Error(`the watchdog did not start: ${command.join(' ')}`);
  }

  get pid(): number {
    return this.child.pid;
  }

  /** Calls back once if the watchdog ends without having been told to; at once if it already has. */
  onDeath(callback: () => void): void {
    if (this.#dead && !this.#leaving) callback();
    else this.#onDeath = callback;
  }

  /**
   * Tells it which rules to remove when this process dies, null for none; a later call replaces an earlier one. From then on the beats
   * of this thread's timer tell it that the process lives.
   */
  arm(rules: string | null): void {
    this.#say(rules === null ? BEAT : `armed ${rules}\n${BEAT}`);
    if (!this.#dead) this.#beating ??= setInterval(() => this.#beat(), this.beatMs);
  }

  #beat(): void {
    const lives = this.lives();
    if (lives && !this.#unsent) this.#say(BEAT);
  }

  /** Tells it that the rules are gone, and waits for its end. */
  async disarm(): Promise<void> {
    this.#leaving = true;
    this.#stopBeating();
    this.#say('disarm\n');
    await this.child.stdin.end();
    const timer = setTimeout(() => this.child.kill('SIGKILL'), LEAVE_TIMEOUT_MS);
    await this.child.exited;
    clearTimeout(timer);
  }

  #say(line: string): void {
    if (this.#dead) return;
    const sink: FileSink = this.child.stdin;
    sink.write(line);
    // Now, not at the next turn of the loop: the next thing may be our death.
    const sent = sink.flush();
    if (typeof sent === 'number') return;
    this.#unsent = true;
    // A pipe that broke stays unsent: `onDeath` tells of it.
    const done = (): void => {
      this.#unsent = false;
    };
    sent.then(done, () => {});
  }

  #stopBeating(): void {
    if (this.#beating !== null) clearInterval(this.#beating);
  }
}

async function reportsReady(child: WatchdogChild): Promise<boolean> {
  const timer = setTimeout(() => child.kill('SIGKILL'), READY_TIMEOUT_MS);
  const decoder = new TextDecoder();
  let said = '';
  const reader = child.stdout.getReader();
  try {
    while (!said.includes('\n') && said.length < WATCHDOG_READY.length) {
      const { done, value } = await reader.read();
      if (done) break;
      said += decoder.decode(value, { stream: true });
    }
  } finally {
    clearTimeout(timer);
    // Nothing more is expected; an unread pipe keeps nothing alive.
    void reader.cancel();
  }
  return said === WATCHDOG_READY;
}
