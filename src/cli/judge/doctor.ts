import { judgeState } from '../../../tui/words/judge.ts';
import { DEFAULTS } from '../../config/defaults.ts';
import type { Config } from '../../config/schema.ts';
import type { ApiKey } from '../../judge/client/api-key.ts';
import type { CheckItem } from '../../model/check-item.ts';
import { cleanText } from '../../model/clean.ts';
import type { Status } from '../../schema/status.ts';
import { KEY_REMEDY, unknownModel } from './text.ts';

const LIST_MS = 3_000;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * What `doctor` says of the judge: its key files, its server, and whether that has the model. Nothing of it is more than a warning: a
 * machine without a judge is a whole one. `status` is the running engine's, null when none runs.
 */
export async function judgeChecks(
  { judge }: Config,
  status: Status['judge'] | null,
): Promise<readonly CheckItem[]> {
  if (!judge.enabled) return [item('ok', 'off by configuration (judge.enabled)')];
  const { readApiKey } = await import('../../judge/client/api-key.ts');
  const key = readApiKey(judge.apiKeyFile, 'RESOLAGENT_JUDGE_KEY', process.env);
  const other = readApiKey(judge.virustotalKeyFile, 'RESOLAGENT_VIRUSTOTAL_KEY', process.env);
  return [
    ...keyCheck('judge.apiKeyFile', judge.apiKeyFile, key),
    ...keyCheck('judge.virustotalKeyFile', judge.virustotalKeyFile, other),
    await serverCheck(judge, key, status),
  ];
}

/** None where no file is named. */
function keyCheck(name: string, file: string, found: ApiKey): readonly CheckItem[] {
  if (file === '') return [];
  if (found.ok) return [{ name, state: 'ok', detail: `${file}: nobody else can read it`, remedy: null }];
  const isOurs = process.geteuid?.() === 0;
  const remedy = isOurs ? 'until then the judge is not asked' : 'run doctor as root to look at it';
  return [{ name, state: isOurs ? 'warn' : 'unknown', detail: cleanText(found.error), remedy }];
}

async function serverCheck(
  { apiUrl, model }: Config['judge'],
  key: ApiKey,
  status: Status['judge'] | null,
): Promise<CheckItem> {
  if (status !== null && status.state !== 'ready') return notReady(status);
  const ready = item('ok', `${cleanText(model)} at ${cleanText(apiUrl)}`);
  // A request of ours is filtered like any program's, and might be asked about.
  if (status !== null && !LOOPBACK.test(URL.parse(apiUrl)?.hostname ?? '')) return ready;
  if (status === null && !key.ok) return item('warn', `is not asked: ${cleanText(key.error)}`);
  const { listModels } = await import('../../judge/client/server-list.ts');
  const server = { apiUrl, apiKey: key.ok ? key.value : null };
  const { kind, models, detail } = await listModels(server, LIST_MS, new AbortController().signal);
  // The engine may have a key that this process does not have.
  if (status === null && kind === 'unreachable') return absent(apiUrl, detail);
  if (status === null && kind === 'refused')
    return item('warn', `${cleanText(apiUrl)} does not take the key: ${detail}`, KEY_REMEDY);
  const unknown = unknownModel(model, models, cleanText(apiUrl));
  if (unknown === null) return ready;
  const remedy = 'load it there, or set judge.model to one of them';
  return item('warn', unknown, `${remedy}; resolagent judge check tells whether it works`);
}

function notReady(status: Status['judge']): CheckItem {
  if (status.state === 'unreachable') return absent(status.apiUrl, cleanText(status.detail ?? status.apiUrl));
  const remedy =
    status.state === 'out_of_tokens' ? 'raise judge.dailyTokens' : 'resolagent judge check tells more';
  return item('warn', judgeState(status), remedy);
}

/** A server that nobody named need not be there. */
function absent(apiUrl: string, why: string): CheckItem {
  const detail = `no server: ${why}; what nothing else decides is asked of you, or goes by policy.unattended`;
  return apiUrl === DEFAULTS.judge.apiUrl
    ? item('ok', detail)
    : item('warn', detail, 'start the server, or set judge.apiUrl to where it is');
}

function item(state: CheckItem['state'], detail: string, remedy: string | null = null): CheckItem {
  return { name: 'judge', state, detail, remedy };
}
