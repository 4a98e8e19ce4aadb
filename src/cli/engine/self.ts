/** The command line that runs this program again: the binary, or Bun with the entry point while developing. */
export function selfCommand(...args: readonly string[]): string[] {
  const compiled = Bun.main.startsWith('/$bunfs/');
  return compiled ? [process.execPath, ...args] : [process.execPath, Bun.main, ...args];
}
