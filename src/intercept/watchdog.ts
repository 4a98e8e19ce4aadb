import { writeFileSync } from 'node:fs';

/** What the watchdog says once it is listening. */
export const WATCHDOG_READY = 'ready\n';

const LINE_MAX_CHARS = 200;
const ATTEMPTS_MAX = 12;
const UNREAD_ORDER_MS = 200;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
// The sockets of a dying engine may close after its pipe, and without the rules the kernel does not translate the ends they send:
// their programs would wait for ever.
const FAREWELL_MS = 150;
// From -1000, never, to 1000: the watchdog is small, and the last thing to give up when memory runs out.
const OOM_SCORE = '-900';

/** What the watchdog needs from the platform and from its caller. */
export interface WatchdogDuty {
  /** The read end of the engine's pipe. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Called when signals are handled and the pipe is being read. */
  ready(): void;
  /** Takes away exactly the rules with this id; no error when they are gone or newer ones stand in their place. */
  remove(id: string): Promise<void>;
  /** Told of each removal that failed, in one line. */
  report(text: string): void;
}

/** What the engine has said so far: the id of the rules to remove should it die, or null. */
export class WatchdogOrders {
  // One character more than a line may have, so that a cut line never passes for a whole one.
  #rest = '';
  armed: string | null = null;

  /** Takes the next piece of `armed ID` and `disarm` lines; a line it cannot read changes nothing. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(0, LINE_MAX_CHARS + 1);
    for (const line of lines) {
      const id = /^armed ([\w.:-]+)$/.exec(line.length > LINE_MAX_CHARS ? '' : line)?.[1];
      if (id !== undefined) this.armed = id;
      else if (line === 'disarm') this.armed = null;
    }
  }
}

/**
 * The watchdog of `failMode = "open"`: waits for the end of the engine's pipe, which the kernel closes however the engine
 * dies, and removes the rules unless told that they are gone. SIGINT and SIGHUP are ignored, SIGTERM counts only while there is
 * nothing to remove: whoever stops a whole service or terminal must not stop the cure with it. Returns the exit code.
 */
export async function runWatchdog(duty: WatchdogDuty): Promise<number> {
  const orders = new WatchdogOrders();
  preferSurvival();
  const { promise: told, resolve: leave } = Promise.withResolvers<void>();
  const ignore = (): void => {};
  const onTerm = (): void => {
    // An order may be in the pipe and not read yet.
    setTimeout(() => orders.armed === null && leave(), UNREAD_ORDER_MS);
  };
  process.on('SIGINT', ignore).on('SIGHUP', ignore).on('SIGTERM', onTerm);
  try {
    const ended = listen(duty.input, orders);
    duty.ready();
    await Promise.race([ended, told]);
    if (orders.armed === null) return 0;
    await Bun.sleep(FAREWELL_MS);
    return (await removeRules(duty, orders.armed)) ? 0 : 1;
  } finally {
    process.off('SIGINT', ignore).off('SIGHUP', ignore).off('SIGTERM', onTerm);
  }
}

async function listen(input: AsyncIterable<Uint8Array>, orders: WatchdogOrders): Promise<void> {
  const decoder = new TextDecoder();
  try {
    for await (const chunk of input) orders.push(decoder.decode(chunk, { stream: true }));
  } catch {
    // A broken pipe is the end of the engine as much as a closed one.
  }
}

async function removeRules(duty: WatchdogDuty, id: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      await duty.remove(id);
      return true;
    } catch (error) {
      duty.report(`the engine died and its rules ${id} are still there: ${String(error)}`);
      if (attempt === ATTEMPTS_MAX) return false;
      await Bun.sleep(Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** attempt));
    }
  }
}

function preferSurvival(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', OOM_SCORE);
  } catch {
    // Without the privilege the watchdog is as likely to be killed as any other process, and the engine sees it die.
  }
}
