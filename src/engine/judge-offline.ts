import type { Config } from '../config/schema.ts';
import type { JudgeCheck } from '../control/judge-schema.ts';
import { checkServer } from '../judge/server-check.ts';
import { serverOf } from './judge-parts.ts';

/** Finds out what the configured server can do, without an engine. Rejects with a sentence when its key cannot be read. */
export async function checkConfigured(config: Config): Promise<JudgeCheck> {
  const server = serverOf(config);
  if ('error' in server) throw new Error(server.error);
  return checkServer(server, new AbortController().signal);
}
