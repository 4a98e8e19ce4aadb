import type { ScriptRun } from '../script-run.ts';
import { BINARY } from './world/requirement.ts';

/** Scripts that need the binary, network namespaces and root, as the end-to-end tests do. */
export const WORLD_RUNS: Readonly<Record<string, ScriptRun>> = {
  start: { args: ['--version'], says: /^\d+\.\d+\.\d+/ },
  dev: { args: [], says: /built anew and restarted[\s\S]*curl.*www\.debian\.org/, goesOn: true },
  'test:e2e': {
    args: ['-t', 'status is the same for people'],
    says: /^ [1-9]\d* pass\n(.*filtered out\n)? 0 fail$/m,
  },
  'test:e2e:busy': { args: ['--runs', '1', 'test/e2e/udp.test.ts'], says: /run 1 of 1: green/ },
  profile: {
    args: ['engine', '--rate', '20', '--seconds', '1'],
    says: /## Hot Functions[\s\S]*the whole profile: /,
  },
  bench: { args: ['--smoke', '--only', 'direct,c-splice'], says: /connect p50/ },
  'bench:peers': {
    args: ['--smoke', '--only', 'resolagent,resolagent-2', '--binary', BINARY, '--binary', BINARY],
    says: /resolagent ÷ the others[\s\S]*start ms/,
  },
  'bench:squatter': { args: ['--kills', '3'], says: /nothing is wrong/ },
  'bench:soak': { args: ['--idle', '20', '--rate', '10', '--seconds', '1'], says: /nothing is wrong/ },
};
