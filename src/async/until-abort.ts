/** What a promise that never rejects gives, or null when the signal comes first; the work behind it goes on. */
export async function untilAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  if (signal.aborted) return null;
  const over = Promise.withResolvers<null>();
  const abort = (): void => over.resolve(null);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, over.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
