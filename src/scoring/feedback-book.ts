import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { replaceFile } from '../files/atomic-file.ts';
import { digestOf } from '../files/digest.ts';
import type { Host, UnixMs } from '../model/brand.ts';
import { normalizeHost } from '../model/host.ts';
import type { Rule } from '../model/rule.ts';
import { parsePattern } from '../policy/rules/host-pattern.ts';
import {
  type FeedbackEffect,
  type FeedbackExample,
  type FeedbackIndex,
  type FeedbackState,
  feedbackEffect,
  forget,
  indexFeedback,
  learn,
  NO_FEEDBACK,
} from '../score/feedback.ts';

const fileSchema = z.strictObject({
  examples: z
    .array(
      z.strictObject({
        host: z.string(),
        label: z.string(),
        said: z.enum(['allow', 'block']),
        at: z.number(),
      }),
    )
    .max(1_000),
});

/** What a person's overrides taught the scores, kept as one small file in the state folder. */
export class FeedbackBook {
  #index: FeedbackIndex;
  #saving: Promise<void> = Promise.resolve();
  /** Grows with every change. */
  version = 0;

  constructor(
    private readonly path: string,
    private readonly labelOf: (host: Host) => string,
    private readonly notice: (text: string) => void,
  ) {
    this.#index = indexFeedback(read(path, notice));
  }

  list(): readonly FeedbackExample[] {
    return this.#index.state.examples;
  }

  /** Tells what was taught apart. */
  get digest(): string {
    return digestOf(JSON.stringify(this.list()));
  }

  effect(label: string): FeedbackEffect {
    return feedbackEffect(this.#index, label);
  }

  /** Takes rules that a person made about one name, for everyone, as examples. */
  learn(rules: readonly Rule[]): void {
    let state = this.#index.state;
    for (const rule of rules) {
      const host = rule.app === null && rule.user === null ? hostOf(rule) : null;
      if (host === null) continue;
      state = learn(state, { host, label: this.labelOf(host), said: rule.action, at: rule.createdAt });
    }
    this.#change(state);
  }

  /** Takes back what rules taught. */
  unlearn(rules: readonly Rule[]): void {
    this.#change(
      rules
        .map(hostOf)
        .reduce((state, host) => (host === null ? state : forget(state, host)), this.#index.state),
    );
  }

  /** Forgets what was said of a name; false when nothing was. */
  forget(text: string): boolean {
    const host = normalizeHost(text);
    if (host === null || !this.list().some((example) => example.host === host)) return false;
    this.#change(forget(this.#index.state, host));
    return true;
  }

  /** Forgets everything and returns how much that was. */
  reset(): number {
    const count = this.list().length;
    this.#change(NO_FEEDBACK);
    return count;
  }

  /** Settles when all that was learned is on disk, or could not be written. */
  settled(): Promise<void> {
    return this.#saving;
  }

  #change(state: FeedbackState): void {
    if (state.examples.length === this.list().length && state.examples.every((e, i) => e === this.list()[i]))
      return;
    this.#index = indexFeedback(state);
    this.version++;
    this.#saving = this.#saving
      .then(() => replaceFile(this.path, [JSON.stringify(state)]))
      .catch((error: unknown) =>
        this.notice(`${this.path}: what you taught the scores is not saved: ${String(error)}`),
      );
  }
}

function hostOf(rule: Rule): Host | null {
  const read = parsePattern(rule.host);
  return read.ok && (read.pattern.kind === 'under' || read.pattern.kind === 'exact')
    ? read.pattern.host
    : null;
}

function read(path: string, notice: (text: string) => void): FeedbackState {
  try {
    const parsed = fileSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    return { examples: parsed.examples.map((e) => ({ ...e, host: e.host as Host, at: e.at as UnixMs })) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      notice(`${path} cannot be read and is not used: ${String(error)}`);
    return NO_FEEDBACK;
  }
}
