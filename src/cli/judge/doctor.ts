import { DEFAULTS } from '../../config/defaults.ts';
import type { Config } from '../../config/schema.ts';
import type { ApiKey } from '../../judge/client/api-key.ts';
import type { Listed } from '../../judge/client/server-list.ts';
import type { CheckItem } from '../../model/check-item.ts';
import { cleanText } from '../../model/clean.ts';
import type { Status } from '../../schema/status.ts';
import { judgeState } from './state.ts';

const LIST_MS = 3_000;
const SHOWN_MODELS = 8;
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
  const keyOf = (file: string, variable: string) => readApiKey(file, variable, process.env);
  const key = keyOf(judge.apiKeyFile, 'RESOLAGENT_JUDGE_KEY');
  const other = keyOf(judge.virustotalKeyFile, 'RESOLAGENT_VIRUSTOTAL_KEY');
  const keys = [
    keyCheck('judge.apiKeyFile', judge.apiKeyFile, key),
    keyCheck('judge.virustotalKeyFile', judge.virustotalKeyFile, other),
  ].filter((each) => each !== null);
  if (status !== null && status.state !== 'ready') return [...keys, notReady(status)];
  const ready = item('ok', serverText(judge));
  // A request of ours is filtered like any program's, and might be asked about. The key may be known to the engine alone.
  if (status !== null) return [...keys, isLocal(judge.apiUrl) ? await modelCheck(judge, key, ready) : ready];
  return [...keys, await serverCheck(judge, key)];
}

/** Whether the model is there, where the server is known to be; `ready` when that cannot be told. */
async function modelCheck(judge: Config['judge'], key: ApiKey, ready: CheckItem): Promise<CheckItem> {
  const { models } = await ask(judge, key.ok ? key.value : null);
  return modelItem(judge, models) ?? ready;
}

function keyCheck(name: string, file: string, found: ApiKey): CheckItem | null {
  if (file === '') return null;
  if (found.ok) return { name, state: 'ok', detail: `${file}: nobody else can read it`, remedy: null };
  const isOurs = process.geteuid?.() === 0;
  const remedy = isOurs ? 'until then the judge is not asked' : 'run doctor as root to look at it';
  return { name, state: isOurs ? 'warn' : 'unknown', detail: cleanText(found.error), remedy };
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

async function serverCheck(judge: Config['judge'], key: ApiKey): Promise<CheckItem> {
  if (!key.ok) return item('warn', `is not asked: ${cleanText(key.error)}`);
  const { apiUrl } = judge;
  const { kind, models, detail } = await ask(judge, key.value);
  if (kind === 'unreachable') return absent(apiUrl, detail);
  if (kind === 'refused') {
    const remedy = 'put the key that the server takes into judge.apiKeyFile or RESOLAGENT_JUDGE_KEY';
    return item('warn', `${cleanText(apiUrl)} does not take the key: ${detail}`, remedy);
  }
  return modelItem(judge, models) ?? item('ok', serverText(judge));
}

async function ask({ apiUrl }: Config['judge'], apiKey: string | null): Promise<Listed> {
  const { listModels } = await import('../../judge/client/server-list.ts');
  return listModels({ apiUrl, apiKey }, LIST_MS, new AbortController().signal);
}

/** Null when the model is there, or the server does not tell which it has. */
function modelItem({ apiUrl, model }: Config['judge'], models: readonly string[]): CheckItem | null {
  if (models.length === 0 || models.includes(model)) return null;
  const names = models.slice(0, SHOWN_MODELS).join(', ');
  const more = models.length > SHOWN_MODELS ? ` and ${models.length - SHOWN_MODELS} more` : '';
  return item(
    'warn',
    `${cleanText(model)} is not among the models of ${cleanText(apiUrl)}: ${names}${more}`,
    'load it there, or set judge.model to one of them; resolagent judge check tells whether it works',
  );
}

function serverText({ apiUrl, model }: Config['judge']): string {
  return `${cleanText(model)} at ${cleanText(apiUrl)}`;
}

function isLocal(apiUrl: string): boolean {
  return LOOPBACK.test(URL.parse(apiUrl)?.hostname ?? '');
}

function item(state: CheckItem['state'], detail: string, remedy: string | null = null): CheckItem {
  return { name: 'judge', state, detail, remedy };
}
