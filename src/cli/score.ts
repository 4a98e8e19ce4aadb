import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import type { Host } from '../model/brand.ts';
import { cleanText } from '../model/clean.ts';
import { normalizeHost } from '../model/host.ts';
import { explainMargin, explainSignal } from '../score/explain-signal.ts';
import type { ScoreModel } from '../score/model.ts';
import { nameParts } from '../score/name-parts.ts';
import { type HostScore, scoreHost } from '../score/score-host.ts';
import { type TrustScore, trustScore } from '../score/trust.ts';
import { wantsJson } from './options.ts';
import { EXIT, paint, printEach } from './print.ts';

/** Names answered in one write. */
const BATCH = 2_000;
/** A longer line is answered with an error; the rest of it is passed over. */
const LINE_MAX_CHARS = 4_096;

/** `resolagent score HOST…` and `score -`: one answer a name, in the order given; no engine and no network. */
export async function score(hosts: string[], command: Command): Promise<void> {
  const { embeddedModel } = await import('../../lists/score/embedded-model.ts');
  const model = embeddedModel();
  const fromInput = hosts.length === 1 && hosts[0] === '-';
  const answer = wantsJson(command) || fromInput ? jsonAnswer : textAnswer;
  const answerTo = (text: string): string => {
    const host = normalizeHost(text);
    if (host === null) process.exitCode = EXIT.no;
    return answer(text, host, model);
  };
  const batches = batchesOf(fromInput ? inputLines() : hosts);
  await printEach(batches, false, (batch) => batch.map(answerTo).join('\n'));
}

async function* batchesOf(
  texts: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<readonly string[]> {
  let batch: string[] = [];
  for await (const text of texts) {
    if (batch.push(text) < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The lines of standard input, blank ones left out. */
async function* inputLines(): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream('', { fd: 0, encoding: 'utf8' })) {
    const lines = (rest + chunk).split('\n');
    rest = (lines.pop() ?? '').slice(0, LINE_MAX_CHARS);
    for (const line of lines) {
      const text = line.trim();
      if (text !== '') yield text.slice(0, LINE_MAX_CHARS);
    }
  }
  if (rest.trim() !== '') yield rest.trim();
}

function trustOf(host: Host, model: ScoreModel): TrustScore {
  return trustScore(nameParts(host, model.lexicon), { ageDays: undefined }, model.lexicon);
}

function jsonAnswer(text: string, host: Host | null, model: ScoreModel): string {
  if (host === null) return JSON.stringify({ host: text, error: 'not a host name' });
  const { registrableDomain, generated, phishing, entropy, ...found } = scoreHost(host, model);
  const { outcome, decidedBy, standing } = found;
  const trust = Math.round(trustOf(host, model).score * 10) / 10;
  return JSON.stringify({
    ...{ host, registrableDomain, generated, phishing, entropy, trust },
    ...{ outcome, decidedBy, standing },
  });
}

const TONES = { pass: 'ok', escalate: 'warn', block: 'bad' } as const;

function textAnswer(text: string, host: Host | null, model: ScoreModel): string {
  if (host === null) return `${cleanText(text)}: not a host name`;
  const found = scoreHost(host, model);
  const trust = trustOf(host, model);
  const signalsOf = (by: 'generated' | 'phishing'): string[] =>
    found.signals.filter((signal) => signal.model === by).map((signal) => `    ${explainSignal(signal)}`);
  return [
    `${host}  ${paint(found.outcome, TONES[found.outcome])}${decided(found)}`,
    `  generated ${percent(found.generated)}: ${explainMargin(found, 'generated')}`,
    ...signalsOf('generated'),
    `  phishing  ${percent(found.phishing)}: ${explainMargin(found, 'phishing')}`,
    ...signalsOf('phishing'),
    `  entropy   ${found.entropy.toFixed(2)} of 5`,
    `  trust     ${trust.score.toFixed(0)} of 100`,
    ...trust.signals.map(({ name, value, weight, evidence }) => {
      const measured = value === null || value === undefined ? '   ?' : value.toFixed(2);
      return `    ${name.padEnd(10)} ${measured}  weight ${weight.toFixed(2)}  ${evidence}`;
    }),
  ].join('\n');
}

function decided(found: HostScore): string {
  return found.decidedBy === 'none'
    ? ''
    : ` by ${found.decidedBy}${found.standing === 'unknown' ? '' : ` (${found.standing.replace('_', ' ')})`}`;
}

function percent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}
