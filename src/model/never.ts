/** Ends a switch over a closed union: a new member then fails to compile where it matters. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value: ${String(value)}`);
}
