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
import { EXIT, paint } from './print.ts';

/** Names answered in one write. */
const BATCH = 2_000;
/** A longer line is answered with an error; the rest of it is passed over. */
const LINE_MAX_CHARS = 4_096;

/** `resolagent score HOST…` and `score -`: one answer a name, in the order given; no engine and no network. */
export async function score(hosts: readonly string[], command: Command): Promise<void> {
  const { json } = command.optsWithGlobals<{ json?: true }>();
  const { embeddedModel } = await import('../../lists/score/embedded-model.ts');
  const model = embeddedModel();
  const fromInput = hosts.length === 1 && hosts[0] === '-';
  const answer = json === true || fromInput ? jsonAnswer : textAnswer;
  let bad = 0;
  let batch: string[] = [];
  for await (const text of fromInput ? inputLines() : hosts) {
    const host = normalizeHost(text);
    if (host === null) bad++;
    batch.push(answer(text, host, model));
    if (batch.length >= BATCH) {
      await write(batch);
      batch = [];
    }
  }
  await write(batch);
  if (bad > 0) process.exitCode = EXIT.no;
}

function write(lines: readonly string[]): Promise<void> {
  if (lines.length === 0) return Promise.resolve();
  const text = `${lines.join('\n')}\n`;
  if (process.stdout.write(text)) return Promise.resolve();
  return new Promise((resolve) => process.stdout.once('drain', resolve));
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
  const found = scoreHost(host, model);
  const { registrableDomain, generated, phishing, entropy, outcome, decidedBy, standing } = found;
  const trust = Math.round(trustOf(host, model).score * 10) / 10;
  return JSON.stringify({
    host,
    registrableDomain,
    generated,
    phishing,
    entropy,
    trust,
    outcome,
    decidedBy,
    standing,
  });
}

const TONES = { pass: 'ok', escalate: 'warn', block: 'bad' } as const;

function textAnswer(text: string, host: Host | null, model: ScoreModel): string {
  if (host === null) return `${cleanText(text)}: not a host name`;
  const found = scoreHost(host, model);
  const trust = trustOf(host, model);
  return [
    `${host}  ${paint(found.outcome, TONES[found.outcome])}${decided(found)}`,
    `  generated ${percent(found.generated)}: ${explainMargin(found, 'generated')}`,
    ...found.signals
      .filter((signal) => signal.model === 'generated')
      .map((signal) => `    ${explainSignal(signal)}`),
    `  phishing  ${percent(found.phishing)}: ${explainMargin(found, 'phishing')}`,
    ...found.signals
      .filter((signal) => signal.model === 'phishing')
      .map((signal) => `    ${explainSignal(signal)}`),
    `  entropy   ${found.entropy.toFixed(2)} of 5`,
    `  trust     ${trust.score.toFixed(0)} of 100`,
    ...trust.signals.map(
      (signal) =>
        `    ${signal.name.padEnd(10)} ${(signal.value ?? Number.NaN).toFixed(2).replace('NaN', '   ?')}  weight ${signal.weight.toFixed(2)}  ${signal.evidence}`,
    ),
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
