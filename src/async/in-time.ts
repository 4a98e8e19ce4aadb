/** What a promise gives, or null when it fails or takes longer: for what can be done without. */
export async function inTime<T>(promise: Promise<T>, limitMs: number): Promise<T | null> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), limitMs);
  });
  try {
    return await Promise.race([promise.catch(() => null), late]);
  } finally {
    if (timer !== null) clearTimeout(timer);
  }
}
