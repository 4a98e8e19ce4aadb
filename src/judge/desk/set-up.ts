import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { DYNAMIC_DNS_DOMAINS, PLATFORM_DOMAINS } from '../../../lists/score/platforms.ts';
import { SerialQueue } from '../../async/serial-queue.ts';
import type { Config } from '../../config/schema.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { UnixMs } from '../../model/brand.ts';
import type { Blocked } from '../../net/reachable.ts';
import type { Registrations } from '../../registration/registrations.ts';
import { readApiKey } from '../client/api-key.ts';
import { Model } from '../client/client.ts';
import { checkServer, isAlive } from '../client/server-check.ts';
import { type InquiryLimits, type InquiryParts, promptVersion, runInquiry } from '../run/runner.ts';
import { certificateTool } from '../tools/certificate/tool.ts';
import { dnsTool } from '../tools/dns/tool.ts';
import { historyTool } from '../tools/history/tool.ts';
import { fetchTool } from '../tools/page/tool.ts';
import type { Tool } from '../tools/tool.ts';
import { replayBox, type ToolBox, toolBox } from '../tools/tool-box.ts';
import { virustotalTool } from '../tools/virustotal/tool.ts';
import { whoisTool } from '../tools/whois/tool.ts';
import { featuresOf, readCheck, saveCheck, serverOf } from './check.ts';
import type { JudgeSetup } from './ports.ts';

/** The longest time for one reply; for its first byte, which a local model that is still being loaded delays; without a byte. */
const CALL_MS = 45_000;
const FIRST_BYTE_MS = 30_000;
const IDLE_MS = 10_000;

/** The variable that a key may stand in, where no file is named. */
const VIRUSTOTAL_KEY = 'RESOLAGENT_VIRUSTOTAL_KEY';

/** Whose customers get a label below them. */
const PLATFORMS: ReadonlySet<string> = new Set([...PLATFORM_DOMAINS, ...DYNAMIC_DNS_DOMAINS]);

/** What the judge is made with. */
export interface JudgeParts {
  readonly config: Config;
  readonly ledger: Ledger;
  readonly registrations: Registrations;
  readonly blocked: Blocked;
  /** Where the last check of a server is kept. */
  readonly stateDir: string;
}

/** Makes the model and its tools as configured, or says what is missing. */
export function setUpJudge(parts: JudgeParts): JudgeSetup | { readonly error: string } {
  const { config, stateDir } = parts;
  const server = serverOf(config);
  if ('error' in server) return server;
  const tools = toolsOf(parts);
  if ('error' in tools) return tools;
  const box = toolBox(tools);
  const turns = new SerialQueue();
  let model = new Model({ ...server, features: featuresOf(readCheck(stateDir, server)) });
  const partsWith = (used: ToolBox): InquiryParts => ({
    model,
    tools: used,
    apiUrl: server.apiUrl,
    modelName: server.model,
    limits: limitsOf(config),
    clock: () => Date.now() as UnixMs,
    random: (bytes) => randomBytes(bytes),
    turn: () => turns.next(() => nextTurn()),
  });
  return {
    model: server.model,
    promptVersion: promptVersion(box.specs),
    isAlive: (limitMs) => isAlive(server, limitMs),
    check: async (signal) => {
      const check = await checkServer(server, signal);
      if (!signal.aborted) saveCheck(stateDir, check);
      model = new Model({ ...server, features: featuresOf(check) });
      return check;
    },
    investigate: (input, id, onProgress, signal) =>
      runInquiry(input, { ...partsWith(box), onProgress }, id, signal),
    replay: (inquiry, id, signal) => {
      const replay = { ...partsWith(replayBox(inquiry, tools)), replayOf: inquiry.id };
      return runInquiry(inquiry.input, replay, id, signal);
    },
  };
}

function limitsOf({ judge: { rounds, timeoutMs } }: Config): InquiryLimits {
  const callMs = Math.min(CALL_MS, timeoutMs);
  return { rounds, timeoutMs, callMs, firstByteMs: Math.min(FIRST_BYTE_MS, callMs), idleMs: IDLE_MS };
}

function toolsOf({
  config,
  ledger,
  registrations,
  blocked,
}: JudgeParts): readonly Tool[] | { readonly error: string } {
  const { dnsUrl, virustotalKeyFile } = config.judge;
  const key = readApiKey(virustotalKeyFile, VIRUSTOTAL_KEY, process.env);
  if (!key.ok) return { error: `judge.virustotalKeyFile: ${key.error}` };
  const network = { allowPrivate: false, blocked };
  const clock = () => Date.now();
  const elapsed = () => performance.now();
  return [
    whoisTool({ registrations, platforms: PLATFORMS, clock }),
    dnsTool({ dnsUrl }, blocked),
    fetchTool(network),
    certificateTool(network),
    historyTool({ history: ledger, clock }),
    ...(key.value === null
      ? []
      : [virustotalTool({ key: key.value, network: { allowPrivate: false }, clock, elapsed })]),
  ];
}
