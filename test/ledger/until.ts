/** Waits for a condition, looked at every few milliseconds; throws with `what` when it does not come true in ten seconds. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`waited ten seconds for: ${what}`);
    await Bun.sleep(5);
  }
}
