import { cleanText } from '../model/clean.ts';
import type { Evidence } from '../model/flow.ts';
import type { BurstVerdict } from '../score/burst.ts';
import { explainMargin, explainSignal } from '../score/explain-signal.ts';
import type { HostScore } from '../score/score-host.ts';
import type { TrustScore } from '../score/trust.ts';

/** A model's probability in percent with its distance to the thresholds, then each push in log-odds, the strongest first. */
export function modelEvidence(score: HostScore, model: 'generated' | 'phishing'): Evidence[] {
  const value = Math.round(score[model] * 1_000) / 10;
  const pushes = score.signals
    .filter((signal) => signal.model === model)
    .sort((a, b) => Math.abs(b.push) - Math.abs(a.push));
  return [
    { kind: 'score', signal: model, value, text: `${model} ${value} %: ${explainMargin(score, model)}` },
    ...pushes.map((signal): Evidence => {
      const push = Math.round(signal.push * 100) / 100;
      return { kind: 'score', signal: `${model}.${signal.name}`, value: push, text: explainSignal(signal) };
    }),
  ];
}

const STANDING: Record<HostScore['standing'], string> = {
  popular: 'is in wide use, or a known brand owns it',
  provider: 'is made by the machines of a known operator',
  provider_customer: "is a customer's label in an operator's zone",
  platform: "is a customer's name on a hosting platform",
  dynamic_dns: "is a customer's name under dynamic DNS",
  unknown: 'is on no table',
};

/** Which table a name stands on. */
export function tableEvidence(score: HostScore): Evidence {
  const name = score.registrableDomain ?? 'the name';
  return { kind: 'note', text: cleanText(`${name} ${STANDING[score.standing]}`) };
}

/** The trust score against its tolerance. */
export function trustTotal(trust: TrustScore, tolerance: number): Evidence {
  const value = Math.round(trust.score);
  const verb = value >= tolerance ? 'reaches' : 'stays below';
  return {
    kind: 'score',
    signal: 'trust',
    value,
    text: `trust ${value} of 100 ${verb} the tolerance of ${tolerance}`,
  };
}

/** The trust score, then the seven signals with their values, unknown ones without. */
export function trustEvidence(trust: TrustScore, tolerance: number): Evidence[] {
  return [
    trustTotal(trust, tolerance),
    ...trust.signals.map(
      (signal): Evidence => ({
        kind: 'score',
        signal: `trust.${signal.name}`,
        value: signal.value === null ? null : Math.round(signal.value * 100) / 100,
        text: cleanText(`${signal.name}, weight ${signal.weight.toFixed(2)}: ${signal.evidence}`),
      }),
    ),
  ];
}

/** The last new names of a process, taken together. */
export function burstEvidence(burst: BurstVerdict): Evidence[] {
  const names = burst.names.map((name) => cleanText(name, 40)).join(', ');
  const word = burst.raised ? 'looks generated' : 'looks ordinary';
  const text = `the last ${burst.names.length} new names of this program together: ${word} (${names})`;
  return [
    { kind: 'score', signal: 'burst', value: Math.round(burst.mean * 100) / 100, text: cleanText(text) },
  ];
}
