import type { HostScore, ScoreSignal } from './score-host.ts';

const GENERATED_TEXT: Readonly<Record<string, string>> = {
  base: 'what an average name starts from',
  letters: 'the letters of the label and their neighbours',
  pattern: 'how vowels, consonants and digits alternate',
  shape: 'length, digits, runs and how word-like the label is',
  suffix: 'the public suffix and what kind of label stands under it',
  table: 'the name is on a table of names in wide use or of known operators',
  feedback: 'what you said about names like this one',
};
const PHISHING_TEXT: Readonly<Record<string, string>> = {
  ...GENERATED_TEXT,
  letters: 'pieces of words in the whole name',
  suffix: 'the suffix or hosting platform',
  shape: 'length, depth, hyphens, digits',
  brand: 'a brand in the name, and whether its owner runs the domain',
  keywords: 'words that lure, such as login or verify',
};

/** One sentence about a signal: what it looks at, and which way it pushes. */
export function explainSignal(signal: ScoreSignal): string {
  const text = (signal.model === 'generated' ? GENERATED_TEXT : PHISHING_TEXT)[signal.name] ?? signal.name;
  const way = signal.push > 0 ? 'towards hostile' : signal.push < 0 ? 'towards honest' : 'neither way';
  return `${text}: ${signal.push >= 0 ? '+' : ''}${signal.push.toFixed(1)} ${way}`;
}

/** One sentence about how far a model is from changing the outcome. */
export function explainMargin(score: HostScore, model: 'generated' | 'phishing'): string {
  const { escalate, block } = score.margins[model];
  const name = model === 'generated' ? 'generated-name' : 'phishing';
  if (block <= 0) return `the ${name} model is ${(-block).toFixed(1)} past its block threshold`;
  if (escalate <= 0) {
    return `the ${name} model is ${(-escalate).toFixed(1)} past its escalation threshold and ${block.toFixed(1)} short of blocking`;
  }
  return `the ${name} model is ${escalate.toFixed(1)} short of escalating and ${block.toFixed(1)} short of blocking`;
}
