import type { Host, UnixMs } from '../model/brand.ts';
import { HASH_START, hashFinish, hashStep } from './feature-hash.ts';
import type { FeedbackShift } from './score-host.ts';

/** A person's word on a name, kept as an example for the names like it. */
export interface FeedbackExample {
  readonly host: Host;
  /** The registrable label, or the customer's under a platform: what is compared. */
  readonly label: string;
  readonly said: 'allow' | 'block';
  readonly at: UnixMs;
}

/** All examples, oldest first; plain data that can be stored as it is. Forgetting one undoes it without a trace. */
export interface FeedbackState {
  readonly examples: readonly FeedbackExample[];
}

/** What the examples add to a name's scores, and why. */
export interface FeedbackEffect {
  readonly shift: FeedbackShift;
  /** The nearest example, null when none is near enough. */
  readonly nearest: FeedbackExample | null;
  /** Likeness to it, 0 to 1. */
  readonly likeness: number;
}

/** Bounds of the layer. */
export const FEEDBACK = {
  /** At this many examples the oldest is forgotten for each new one. */
  maxExamples: 200,
  /** No set of examples moves a name's log-odds by more than this. */
  maxShift: 2,
  /** What one example of full likeness adds. */
  step: 1.5,
  /** Names less alike than this do not touch each other. */
  minLikeness: 0.45,
} as const;

/** No feedback yet. */
export const NO_FEEDBACK: FeedbackState = { examples: [] };

/** The state with one more example; a second word on the same host replaces the first. */
export function learn(state: FeedbackState, example: FeedbackExample): FeedbackState {
  const others = state.examples.filter((old) => old.host !== example.host);
  return { examples: [...others, example].slice(-FEEDBACK.maxExamples) };
}

/** The state without what was said about a host. */
export function forget(state: FeedbackState, host: Host): FeedbackState {
  return { examples: state.examples.filter((example) => example.host !== host) };
}

/** The examples prepared for comparison; made anew when the state changes. */
export interface FeedbackIndex {
  readonly state: FeedbackState;
  readonly prints: readonly Uint32Array[];
}

/** Prepares the examples; about a microsecond each. */
export function indexFeedback(state: FeedbackState): FeedbackIndex {
  return { state, prints: state.examples.map((example) => fingerprint(example.label)) };
}

/** What the examples add to both models for a label; at most `FEEDBACK.maxShift` either way. */
export function feedbackEffect(index: FeedbackIndex, label: string): FeedbackEffect {
  const print = fingerprint(label);
  let sum = 0;
  let nearest: FeedbackExample | null = null;
  let likeness = 0;
  for (const [i, example] of index.state.examples.entries()) {
    const other = index.prints[i];
    const alike = other === undefined ? 0 : example.label === label ? 1 : jaccard(print, other);
    if (alike < FEEDBACK.minLikeness) continue;
    sum += (example.said === 'block' ? FEEDBACK.step : -FEEDBACK.step) * alike;
    if (alike > likeness) {
      nearest = example;
      likeness = alike;
    }
  }
  const shift = Math.max(-FEEDBACK.maxShift, Math.min(FEEDBACK.maxShift, sum));
  return { shift: { generated: shift, phishing: shift }, nearest, likeness };
}

const PRINT_WORDS = 8;
const PRINT_KIND = 0x6662;

/** A set of the label's letter pairs and triples in 256 bits. */
function fingerprint(label: string): Uint32Array {
  const print = new Uint32Array(PRINT_WORDS);
  for (let i = -1; i < label.length; i++) {
    let hash = HASH_START;
    for (let n = 1; n <= 3 && i + n - 1 <= label.length; n++) {
      const at = i + n - 1;
      hash = hashStep(hash, at < 0 || at >= label.length ? 1 : label.charCodeAt(at));
      if (n === 1) continue;
      const bit = hashFinish(hash, PRINT_KIND) & 255;
      print[bit >> 5] = (print[bit >> 5] ?? 0) | (1 << (bit & 31));
    }
  }
  return print;
}

function jaccard(a: Uint32Array, b: Uint32Array): number {
  let both = 0;
  let either = 0;
  for (let i = 0; i < PRINT_WORDS; i++) {
    both += bits((a[i] ?? 0) & (b[i] ?? 0));
    either += bits((a[i] ?? 0) | (b[i] ?? 0));
  }
  return either === 0 ? 0 : both / either;
}

/** Number of one bits (Hacker's Delight, 5-1). */
function bits(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
