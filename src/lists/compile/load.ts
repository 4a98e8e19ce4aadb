import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeStaleParts } from '../../files/atomic-file.ts';
import type { SourceBook } from '../source-book.ts';
import { type CompiledLists, openCompiled } from './compiled-lists.ts';
import { compiledPath, inputsDigest } from './job.ts';
import { compileInWorker } from './worker-client.ts';

/**
 * The compiled form of what a book holds: `current` or the folder's file when nothing changed, mapped and ready in a millisecond;
 * else it is compiled in a worker first. When the folder is full or broken, memory serves. Rejects only when nothing could be
 * loaded. `anew` compiles in any case.
 */
export async function compiledFor(
  book: SourceBook,
  folder: string | null,
  current: CompiledLists | null,
  anew = false,
): Promise<CompiledLists> {
  const { inputs } = book;
  const before = current ?? (folder === null ? null : openCompiledFile(folder));
  if (before !== null && !anew && before.meta.inputs === inputsDigest(inputs)) return before;
  const job = { inputs, key: before?.key.slice() ?? null, nowMs: Date.now() };
  const result = await compileInWorker({ ...job, folder }).catch((error: unknown) => {
    if (folder === null) throw error;
    return compileInWorker({ ...job, folder: null });
  });
  const compiled =
    result.kind === 'bytes'
      ? openCompiled(result.bytes, 'hot')
      : folder === null
        ? null
        : openCompiledFile(folder);
  if (compiled === null) throw new Error('the compiled lists vanished after they were written');
  return compiled;
}

/** The compiled file of a folder, mapped; null when there is none or it is damaged, since it can be made again. */
export function openCompiledFile(folder: string): CompiledLists | null {
  try {
    return openCompiled(Bun.mmap(compiledPath(folder)), 'hot');
  } catch {
    return null;
  }
}

/** The folder of lists below a state folder, made when it is missing; null when it cannot be used. */
export function listFolder(stateDir: string | null): string | null {
  if (stateDir === null) return null;
  const folder = join(stateDir, 'lists');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const now = Date.now();
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeStaleParts(join(folder, entry.name), now);
    }
    removeStaleParts(folder, now);
    return folder;
  } catch {
    return null;
  }
}
