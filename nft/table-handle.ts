import { TABLE } from './table.ts';

const HANDLE = new RegExp(`^\\s*(?:add )?table inet ${TABLE}\\b.*# handle (\\d{1,20})\\s*$`);

/**
 * Finds the handle of our table in what `nft --handle` printed: the kernel's number for this very table, never given twice.
 * `nft -a -e -f` echoes `add table inet resolagent # handle 7`, the new one last; `nft -a list table` prints
 * `table inet resolagent { # handle 7`. Null when the text has none.
 */
export function readTableHandle(output: string): string | null {
  let handle: string | null = null;
  for (const line of output.split('\n')) handle = HANDLE.exec(line)?.[1] ?? handle;
  return handle;
}
