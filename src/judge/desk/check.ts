import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Paths } from '../../config/paths.ts';
import type { Config } from '../../config/schema.ts';
import { writeAtomically } from '../../files/atomic-file.ts';
import { type JudgeCheck, judgeCheckSchema } from '../../schema/judge.ts';
import { readApiKey } from '../client/api-key.ts';
import type { Features } from '../client/features.ts';
import { checkServer, NOT_TAKEN } from '../client/server-check.ts';

const FILE_NAME = 'judge-check.json';
/** The variable that the key may stand in, where no file is named. */
const JUDGE_KEY = 'RESOLAGENT_JUDGE_KEY';

/** The last `judge check` of a server and model, as it stands in the state folder; null when there is none that can be read. */
export function readCheck(stateDir: string, server: { apiUrl: string; model: string }): JudgeCheck | null {
  try {
    const check = judgeCheckSchema.parse(JSON.parse(readFileSync(join(stateDir, FILE_NAME), 'utf8')));
    return check.apiUrl === server.apiUrl && check.model === server.model ? check : null;
  } catch {
    // Missing or broken, it costs a request or two: what the server cannot do is found out again.
    return null;
  }
}

/** Keeps what a check found. Throws what the system says. */
export function saveCheck(stateDir: string, check: JudgeCheck): void {
  writeAtomically(join(stateDir, FILE_NAME), JSON.stringify(check));
}

/** What need not be tried on a server any more: what it refused. What merely failed once may work the next time. */
export function featuresOf(check: JudgeCheck | null): Partial<Features> {
  if (check?.textProtocol.ok !== true) return {};
  return { tools: check.nativeTools.detail !== NOT_TAKEN, schema: check.structured.detail !== NOT_TAKEN };
}

/** The server as configured, without tools; or what is wrong with its key. */
export function serverOf(
  config: Config,
):
  | { readonly apiUrl: string; readonly model: string; readonly apiKey: string | null }
  | { readonly error: string } {
  const { apiUrl, model, apiKeyFile } = config.judge;
  const key = readApiKey(apiKeyFile, JUDGE_KEY, process.env);
  return key.ok ? { apiUrl, model, apiKey: key.value } : { error: `judge.apiKeyFile: ${key.error}` };
}

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
