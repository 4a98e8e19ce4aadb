const ASK_EVERY_MS = 20;

/** Asks again and again until the answer is not null or false, and gives it; throws when `withinMs` is over. */
export async function until<T>(
  what: string,
  withinMs: number,
  ask: () => Promise<T | null | false> | T | null | false,
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== false) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await Bun.sleep(ASK_EVERY_MS);
  }
}

/** Asks again and again for `forMs`; throws as soon as the answer is no. */
export async function always(what: string, forMs: number, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + forMs;
  do {
    if (!(await ask())) throw new Error(`no longer so: ${what}`);
    await Bun.sleep(ASK_EVERY_MS);
  } while (performance.now() < deadline);
}
