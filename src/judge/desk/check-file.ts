import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../../files/atomic-file.ts';
import { type JudgeCheck, judgeCheckSchema } from '../../schema/judge.ts';
import type { Features } from '../client/features.ts';
import { NOT_TAKEN } from '../client/server-check.ts';

const FILE_NAME = 'judge-check.json';

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
