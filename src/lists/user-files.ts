import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Config } from '../config/schema.ts';
import type { ListKind } from '../policy/lists/kinds.ts';
import type { ListFault, ListInput } from './compile/list-input.ts';
import type { FileSource } from './update/sources.ts';

/** Most files that are taken from one folder. */
const FOLDER_FILES_MAX = 1_000;

/** The lists that a configuration names, and those of them that cannot be reached. */
export interface UserLists {
  readonly inputs: readonly ListInput[];
  readonly faults: readonly ListFault[];
}

/**
 * Looks up the files and folders of `lists.files`, `lists.allowFiles` and those added by command; reads no content. Never
 * rejects.
 */
export async function userLists(config: Config['lists'], added: readonly FileSource[]): Promise<UserLists> {
  const wanted: Wanted[] = [
    ...added.map(({ path, category, name }) => ({ path, kind: category, name })),
    ...config.files.map(({ path, category, name }) => ({ path, kind: category, name: name ?? null })),
    ...config.allowFiles.map((path) => ({ path, kind: 'allow' as const, name: null })),
  ];
  const found = await Promise.all(wanted.map(expand));
  return { inputs: found.flatMap((lists) => lists.inputs), faults: found.flatMap((lists) => lists.faults) };
}

interface Wanted {
  readonly path: string;
  readonly kind: ListKind;
  readonly name: string | null;
}

async function expand(wanted: Wanted): Promise<UserLists> {
  const name = wanted.name ?? basename(wanted.path);
  try {
    const stats = await stat(wanted.path, { bigint: true });
    if (!stats.isDirectory()) return { inputs: [inputOf(wanted.path, name, wanted.kind, stats)], faults: [] };
    const files = (await readdir(wanted.path)).filter((file) => !file.startsWith('.')).sort();
    if (files.length > FOLDER_FILES_MAX)
      throw new Error(`more than ${FOLDER_FILES_MAX} files in ${wanted.path}`);
    const inputs: ListInput[] = [];
    for (const file of files) {
      const path = join(wanted.path, file);
      const inner = await stat(path, { bigint: true });
      if (inner.isDirectory()) continue;
      inputs.push(inputOf(path, wanted.name === null ? file : `${name}/${file}`, wanted.kind, inner));
    }
    return { inputs, faults: [] };
  } catch (error) {
    return { inputs: [], faults: [{ name, kind: wanted.kind, error: describe(wanted.path, error) }] };
  }
}

interface FileStamp {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly mode: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
}

function inputOf(path: string, name: string, kind: ListKind, stamp: FileStamp): ListInput {
  const { dev, ino, size, mtimeNs, mode, uid, gid } = stamp;
  const digest = [dev, ino, size, mtimeNs, mode, uid, gid].join('-');
  return { name, kind, format: 'auto', path, trust: 'user', digest };
}

function describe(path: string, error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ENOENT') return `${path}: there is no such file or folder`;
  if (code === 'EACCES') return `${path}: this program may not read it`;
  return `${path}: ${error instanceof Error ? error.message : String(error)}`;
}
