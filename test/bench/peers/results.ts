import type { Figure, Figures } from './measure.ts';
import type { SubjectName } from './subject.ts';

/** All figures of one run, a value a round. */
export class Results {
  readonly #values = new Map<string, number[]>();
  readonly notes: string[] = [];

  /** `subjects`: in the order of the tables. */
  constructor(readonly subjects: readonly SubjectName[]) {}

  add(subject: SubjectName, figures: Figures): void {
    for (const [figure, value] of Object.entries(figures)) {
      const key = `${subject} ${figure}`;
      this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
    }
  }

  /** Median over the rounds; null when it was not measured. */
  median(subject: SubjectName, figure: Figure): number | null {
    return medianOf(this.#values.get(`${subject} ${figure}`) ?? []);
  }

  /**
   * Median over the rounds of one subject's figure by another's of the same round: what slows the machine for a while slows
   * both, so a ratio holds where the figures do not. Null when one was not measured.
   */
  ratio(subject: SubjectName, other: SubjectName, figure: Figure): number | null {
    const ours = this.#values.get(`${subject} ${figure}`) ?? [];
    const theirs = this.#values.get(`${other} ${figure}`) ?? [];
    return medianOf(
      ours.slice(0, theirs.length).map((value, round) => value / (theirs[round] ?? Number.NaN)),
    );
  }
}

function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}
