import type { LinuxLibc } from '../src/system/libc.ts';
import { type ProgramResult, programError, runProgram, systemProgram } from '../src/system/run-program.ts';
import { forgetRedirected, guardedPorts } from './forget.ts';
import { renderFarewell, renderFarewellRemoval, renderRelease, renderRemoval, TABLE } from './table.ts';
import { readTableHandle } from './table-handle.ts';

const NFT_TIMEOUT_MS = 5_000;
/** How long a packet may be between two hooks, on a busy machine. */
const ON_THE_WAY_MS = 30;
const ABSENT = /No such file or directory|does not exist/;

/** The table as `nft list` sees it. */
export type TableState =
  | { readonly state: 'present'; readonly handle: string | null; readonly text: string }
  | { readonly state: 'absent' };

/** Loads the rules; returns the handle of the new table. Throws with nft's words, and then nothing has changed. */
export async function loadTable(script: string): Promise<string> {
  const result = await nft(['-a', '-e', '-f', '-'], script);
  if (result.code !== 0) throw new Error(`nft did not load the table: ${programError(result)}`);
  const echoed = readTableHandle(result.stdout);
  if (echoed !== null) return echoed;
  // Versions before 0.9.1 do not echo handles.
  const table = await readTable();
  if (table.state === 'present' && table.handle !== null) return table.handle;
  throw new Error('nft loaded the table, but gives no handle of it');
}

/** Lets nft and the kernel read the rules without loading them; null when they are fine, else what they said. */
export async function checkTable(script: string): Promise<string | null> {
  const result = await nft(['-c', '-f', '-'], script);
  return result.code === 0 ? null : programError(result);
}

/** Takes our table away; no error when there is none. */
export async function removeTable(libc: LinuxLibc): Promise<void> {
  await forgetConnections(libc);
  const result = await nft(['-f', '-'], renderRemoval());
  if (result.code !== 0) throw new Error(`nft did not remove the table: ${programError(result)}`);
}

/** Lets new connections go their own way and leaves the open ones translated; no error when there is no table. */
export async function releaseTable(): Promise<void> {
  const result = await nft(['-f', '-'], renderRelease());
  if (result.code === 0 || ABSENT.test(result.stderr)) return;
  throw new Error(`nft did not let connections pass: ${programError(result)}`);
}

/**
 * Takes away the table with this handle and no other; no error when it is gone, or when a newer one stands in its place. First the
 * redirect goes and then, when nothing is left that would still be brought to the proxy's port, its guard.
 */
export async function removeTableByHandle(libc: LinuxLibc, handle: string): Promise<void> {
  if (!/^\d{1,20}$/.test(handle)) throw new Error(`not a table handle: ${JSON.stringify(handle)}`);
  const before = await readTable().catch(() => null);
  const ports = before?.state === 'present' && before.handle === handle ? guardedPorts(before.text) : [];
  const script = ports.length > 0 ? renderFarewell(handle, ports) : `delete table inet handle ${handle}\n`;
  const result = await nft(['-f', '-'], script);
  if (result.code !== 0) {
    const table = await readTable();
    if (table.state === 'present' && table.handle === handle) {
      throw new Error(`nft did not remove the table with handle ${handle}: ${programError(result)}`);
    }
    return;
  }
  if (ports.length === 0) return;
  forgetRedirected(libc, ports);
  await Bun.sleep(ON_THE_WAY_MS);
  forgetRedirected(libc, ports);
  const gone = await nft(['-f', '-'], renderFarewellRemoval());
  if (gone.code !== 0) throw new Error(`nft did not remove the guard of the port: ${programError(gone)}`);
}

/** Before its guard goes, nothing may be left that would still be brought to the proxy's port. */
async function forgetConnections(libc: LinuxLibc): Promise<void> {
  // What keeps nft from listing the table keeps it from removing it too, and is told then.
  const table = await readTable().catch(() => null);
  if (table?.state === 'present') forgetRedirected(libc, guardedPorts(table.text));
}

/** Reads our table. Throws when nft cannot tell, for want of privilege for instance. */
export async function readTable(): Promise<TableState> {
  const result = await nft(['-a', 'list', 'table', 'inet', TABLE]);
  if (result.code === 0) {
    return { state: 'present', handle: readTableHandle(result.stdout), text: result.stdout };
  }
  if (ABSENT.test(result.stderr)) return { state: 'absent' };
  throw new Error(`nft cannot list the table: ${programError(result)}`);
}

/** The version of nft as it prints it; null when there is no nft that can be trusted. */
export async function nftVersion(): Promise<string | null> {
  if (systemProgram('nft') === null) return null;
  return (await nft(['--version'])).stdout.trim();
}

function nft(args: readonly string[], stdin?: string): Promise<ProgramResult> {
  const path = systemProgram('nft');
  if (path === null) {
    throw new Error(
      'nft is not installed in /usr/sbin, /sbin, /usr/bin, /bin or /usr/local/sbin, or not only root may replace it',
    );
  }
  return runProgram({ path, args, timeoutMs: NFT_TIMEOUT_MS, ...(stdin === undefined ? {} : { stdin }) });
}
