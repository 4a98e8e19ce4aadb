const ASK_EVERY_MS = 10;

type Answer<T> = T | null | false;

/** Asks again and again until the answer is neither null nor false, and gives it; null when `withinMs` is over first. */
export async function within<T>(
  withinMs: number,
  ask: () => Promise<Answer<T>> | Answer<T>,
): Promise<T | null> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) return null;
    await Bun.sleep(ASK_EVERY_MS);
  }
}

/** As `within`, for what must come: throws with `what` when the time is over. */
export async function until<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<Answer<T>> | Answer<T>,
): Promise<T> {
  const answer = await within(withinMs, ask);
  if (answer === null) throw new Error(`not within ${withinMs} ms: ${what}`);
  return answer;
}

/** Asks again and again for `forMs`; throws as soon as the answer is no. */
export async function always(what: string, forMs: number, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + forMs;
  do {
    if (!(await ask())) throw new Error(`no longer so: ${what}`);
    await Bun.sleep(ASK_EVERY_MS);
  } while (performance.now() < deadline);
}
