const SOURCES = '/src/';

/**
 * Where the module of a thread is. `path` is its place below src/, `from` the `import.meta.url` of who asks. In the compiled
 * program all modules lie in one file, and the threads, entry points of their own, beside it by their path below src/.
 */
export function workerUrl(path: string, from: string): URL {
  if (from.includes('/$bunfs/')) return new URL(path, from);
  return new URL(path, from.slice(0, from.lastIndexOf(SOURCES) + SOURCES.length));
}
