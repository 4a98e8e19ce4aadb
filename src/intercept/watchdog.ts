import { writeFileSync } from 'node:fs';
import { type Patience, WatchdogOrders } from './watchdog-orders.ts';

/** What the watchdog says once it is listening. */
export const WATCHDOG_READY = 'ready\n';

/** Five seconds. */
const PATIENCE: Patience = { lookMs: 500, looks: 10 };
const ATTEMPTS_MAX = 12;
const UNREAD_ORDER_MS = 200;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;
/** How long the kernel may take to end a killed engine. */
const KILL_MS = 1_000;
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
  /** Told, in one line, of each removal that failed, and of an engine that hung. */
  report(text: string): void;
}

/**
 * The watchdog, a child of the engine: waits for the end of the engine's pipe, which the kernel closes however the engine dies, and
 * removes the rules that it was armed with, unless told that they are gone. An engine whose main thread has not beaten for the time of
 * `patience` is killed first: it must not wake later and put rules back, and its connections must end. SIGINT and SIGHUP are ignored,
 * SIGTERM counts only while there is nothing to guard: whoever stops a whole service or terminal must not stop the cure with it.
 * Returns the exit code.
 */
export async function runWatchdog(duty: WatchdogDuty, patience: Patience = PATIENCE): Promise<number> {
  const orders = new WatchdogOrders(patience);
  // It waits until we are ready, so this is its pid and nobody else's.
  const engine = process.ppid;
  preferSurvival();
  const { promise: told, resolve: leave } = Promise.withResolvers<void>();
  const { promise: silence, resolve: fallSilent } = Promise.withResolvers<'silence'>();
  const ignore = (): void => {};
  const onTerm = (): void => {
    // An order may be in the pipe and not read yet.
    setTimeout(() => orders.onDuty || leave(), UNREAD_ORDER_MS);
  };
  const look = (): void => void (orders.look(performance.now()) && fallSilent('silence'));
  const looking = setInterval(look, patience.lookMs);
  process.on('SIGINT', ignore).on('SIGHUP', ignore).on('SIGTERM', onTerm);
  try {
    const ended = listen(duty.input, orders);
    duty.ready();
    if ((await Promise.race([ended, told, silence])) !== 'silence') return await cure(duty, orders.armed);
    const killed = await killEngine(engine, ended);
    const code = await cure(duty, orders.armed);
    const cured =
      orders.armed === null
        ? 'its rules stay'
        : code === 0
          ? 'its rules were removed'
          : 'its rules are still there';
    duty.report(
      `the engine (pid ${engine}) hung for about ${(patience.lookMs * patience.looks) / 1_000} s; ${killed}, and ${cured}`,
    );
    return code;
  } finally {
    clearInterval(looking);
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

/** Kills the engine and waits for its end, a moment at most; gives what became of it, in words. */
async function killEngine(pid: number, ended: Promise<void>): Promise<string> {
  // Whose parent has died gets another one, and the number may be another process's by now.
  if (process.ppid !== pid) return 'it has ended';
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    return `it could not be killed (${String(error)})`;
  }
  const isGone = await Promise.race([ended.then(() => true), Bun.sleep(KILL_MS).then(() => false)]);
  return isGone ? 'it was killed' : 'it was killed but has not ended';
}

/** Removes the rules, if any. Returns the exit code. */
async function cure(duty: WatchdogDuty, rules: string | null): Promise<number> {
  if (rules === null) return 0;
  await Bun.sleep(FAREWELL_MS);
  return (await removeRules(duty, rules)) ? 0 : 1;
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
