import type { Paths } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import type { JudgeCheck } from '../../schema/judge.ts';
import { checkServer } from '../client/server-check.ts';
import { saveCheck } from './check-file.ts';
import { serverOf } from './configured.ts';

/**
 * Finds out what the configured server can do, without an engine, and keeps it for the next one. Rejects with a sentence when its
 * key cannot be read or the state folder not be written.
 */
export async function checkConfigured(config: Config, paths: Paths): Promise<JudgeCheck> {
  const server = serverOf(config);
  if ('error' in server) throw new Error(server.error);
  const check = await checkServer(server, new AbortController().signal);
  saveCheck(paths.state, check);
  return check;
}
